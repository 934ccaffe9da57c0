import { describe, test } from '@jest/globals';

export { findTool } from './find-tool.ts';

/**
 * A group of tests that needs a program which this machine may lack. Without it, the group is skipped. With
 * `REQUIRE_TOOLS=1`, it fails instead.
 *
 * @param tool name of the program, for the report
 * @param found its path, from `findTool`
 */
export function describeWith(
  tool: string,
  found: string | undefined,
  name: string,
  tests: (path: string) => void,
): void {
  if (found !== undefined) {
    describe(name, () => tests(found));
  } else if (process.env.REQUIRE_TOOLS === '1') {
    test(name, () => {
      throw new Error(`This machine lacks ${tool}. REQUIRE_TOOLS=1 requires it`);
    });
  } else {
    test.skip(`${name} (needs ${tool})`, () => undefined);
  }
}
