/** What a proof is: one line of what was promised, shown. */

export interface ProofOptions {
  /** Everything that was promised; false: a small draw of the same, for every change. */
  full: boolean;
  /** Of what is drawn at random; printed, so that it can be drawn again. */
  seed: number;
  /** Hears each line at once. */
  say: (line: string) => void;
}

export interface Proof {
  ok: boolean;
  lines: string[];
}

export type Prove = (options: ProofOptions) => Promise<Proof>;

/** Gathers lines, says each as it comes, and knows whether all held. */
export class Findings {
  ok = true;
  readonly lines: string[] = [];
  private readonly say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  note(line: string): void {
    this.lines.push(line);
    this.say(line);
  }

  /** @returns `held` */
  check(held: boolean, line: string): boolean {
    if (!held) this.ok = false;
    this.note(`${held ? '✓' : '✗'} ${line}`);
    return held;
  }

  proof(): Proof {
    return { ok: this.ok, lines: this.lines };
  }
}
