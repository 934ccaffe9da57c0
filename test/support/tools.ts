import { describe, test } from '@jest/globals';

export { findTool } from './find-tool.ts';

/**
 * A group of tests that needs a program which this machine may lack. Without it the group is reported as skipped, or,
 * where `REQUIRE_TOOLS=1` promises that every program is there, fails.
 *
 * @param tool what is needed, for the report
 * @param found where it was found, as `findTool` tells
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
      throw new Error(`${tool} is not installed, and REQUIRE_TOOLS=1 says that it must be`);
    });
  } else {
    test.skip(`${name} (needs ${tool})`, () => undefined);
  }
}
