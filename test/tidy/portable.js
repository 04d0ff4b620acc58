/**
 * Lint rules that oxlint has no built-in for.
 *
 * no-exponent: `**` is computed by the engine's own power function, whose last bits differ between versions;
 * packages/kernel/src/math.ts has `pow`, and a power of two is written out.
 */
const noExponent = {
  meta: { type: 'problem' },
  create(context) {
    const report = (node) =>
      context.report({ node, message: "Bits of '**' differ between engines: use pow of @orrery/kernel." });
    return {
      BinaryExpression: (node) => node.operator === '**' && report(node),
      AssignmentExpression: (node) => node.operator === '**=' && report(node),
    };
  },
};

export default { meta: { name: 'orrery' }, rules: { 'no-exponent': noExponent } };
