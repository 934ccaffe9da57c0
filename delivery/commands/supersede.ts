import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand, Refused, requireProgram } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { gh, ghList } from '../github-api.ts';
import { supersede } from '../supersede.ts';

/** Milliseconds: how often it looks, and how long it waits at most. The job itself has 120 minutes. */
const [interval, longest] = [20_000, 6_900_000];

export const command = defineCommand({
  description: {
    pt: 'encerra as aprovações que execuções anteriores deste workflow esperam',
    en: 'ends the approvals for which earlier runs of this workflow wait',
  },
  words: {},
  options: {
    wait: {
      description: {
        pt: 'espera as execuções anteriores terminarem',
        en: 'waits until the earlier runs have ended',
      },
    },
  },
  async run(_, { wait: isToWait }) {
    requireProgram('gh');
    const { GITHUB_REF_NAME, GITHUB_REPOSITORY, GITHUB_RUN_NUMBER, GITHUB_WORKFLOW_REF = '' } = process.env;
    // `owner/name/.github/workflows/infra-prd.yml@refs/heads/main`. In a called workflow it is the one that calls.
    const [, workflow] = /\/([^/@]+)@/.exec(GITHUB_WORKFLOW_REF) ?? [];
    if (!GITHUB_REPOSITORY || !GITHUB_REF_NAME || !GITHUB_RUN_NUMBER || !workflow) {
      throw new Refused(texts.supersede.noWorkflow);
    }
    const deadline = Date.now() + longest;
    const hasEnded = await supersede({
      api: gh,
      list: ghList,
      repository: GITHUB_REPOSITORY,
      workflow,
      branch: GITHUB_REF_NAME,
      number: Number(GITHUB_RUN_NUMBER),
      isToWait,
      pause: () => sleep(interval, Date.now() < deadline),
    });
    return hasEnded ? 0 : 1;
  },
});
