/** Numbers that follow from a seed alone, for what a proof draws at random. */
import { keyedHash } from '@orrery/kernel';

export class Draws {
  private readonly seed: number;
  private readonly name: string;
  private count = 0;

  constructor(seed: number, name: string) {
    this.seed = seed;
    this.name = name;
  }

  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + (keyedHash(this.seed, this.name, this.count++) % (most - least + 1));
  }

  chance(share: number): boolean {
    return this.between(0, 9_999) < share * 10_000;
  }

  of<Value>(values: readonly Value[]): Value {
    return values[this.between(0, values.length - 1)];
  }

  /** `count` different values, or all where there are fewer, in a drawn order. */
  several<Value>(values: readonly Value[], count: number): Value[] {
    const left = [...values];
    const taken: Value[] = [];
    while (taken.length < count && left.length > 0) {
      taken.push(...left.splice(this.between(0, left.length - 1), 1));
    }
    return taken;
  }
}
