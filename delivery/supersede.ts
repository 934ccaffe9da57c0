import { texts } from './delivery-texts.ts';
import { type Api, GithubRefused, type List } from './github-api.ts';

const text = texts.supersede;

export interface SupersedeProps {
  readonly api: Api;
  readonly list: List;
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** File name of the workflow, such as `infra-prd.yml`. */
  readonly workflow: string;
  readonly branch: string;
  /** The run's number in its workflow. */
  readonly number: number;
  /** Whether to wait until all earlier runs have ended. */
  readonly isToWait: boolean;
  /** Waits before it looks again. @returns false if it waited long enough */
  readonly pause: () => Promise<boolean>;
}

interface WorkflowRun {
  readonly id: number;
  readonly run_number: number;
  readonly status: string;
}

/**
 * Milliseconds after its beginning in which a run may still wait: a run can be repeated for 30 days, and an approval is
 * kept for 30 days. Of a busy workflow, GitHub would list the runs of years.
 */
const longest = 60 * 24 * 60 * 60_000;

/**
 * Ends the approvals for which earlier runs of the same workflow and branch wait: GitHub keeps such a run for 30 days, and
 * a late approval would deploy an old commit. Runs that are at work are never ended.
 *
 * GitHub gives a run the status `waiting` while a job waits for the approval of its environment:
 * https://docs.github.com/en/rest/actions/workflow-runs
 *
 * @returns false if earlier runs did not end in time
 */
export async function supersede(props: SupersedeProps): Promise<boolean> {
  const { api, branch, list, number, repository, workflow } = props;
  const since = new Date(Date.now() - longest).toISOString().slice(0, 10);
  const path = `repos/${repository}/actions/workflows/${workflow}/runs?branch=${branch}&created=%3E%3D${since}`;
  for (;;) {
    const runs = list<WorkflowRun>(path, 'workflow_runs');
    if (!runs) throw new Error(text.noRuns(workflow));
    const earlier = runs.filter(({ run_number, status }) => run_number < number && status !== 'completed');
    for (const { id, run_number, status } of earlier) {
      if (status !== 'waiting') continue;
      if (cancel(`repos/${repository}/actions/runs/${id}`, api)) console.log(text.ended(run_number));
    }
    if (!props.isToWait || earlier.length === 0) return true;
    console.log(text.waits(earlier.map(({ run_number }) => run_number).join(', ')));
    if (!(await props.pause())) {
      console.error(text.late);
      return false;
    }
  }
}

/** @returns false if the run has ended since it was listed: somebody rejected it, or another run was faster */
function cancel(run: string, api: Api): boolean {
  try {
    api(`${run}/cancel`, 'POST');
    return true;
  } catch (error) {
    if (error instanceof GithubRefused && error.hasStatus(409)) return false;
    throw error;
  }
}
