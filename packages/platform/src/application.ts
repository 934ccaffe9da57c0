/** What an application says of itself, in `apps/<name>/application.ts`. Everything else is derived from it. */
export interface Application {
  /** Also its folder, image, Kubernetes service, service account and, with `tg-`, its target group: 1 to 24 characters. */
  readonly name: string;
  /** The load balancer and CloudFront send it this path and all below it. */
  readonly path: string;
  /** Of its pods, and of its container on a developer's machine. */
  readonly port: number;
  /** Answers 200 while it can serve: the load balancer and the readiness probe ask here. */
  readonly healthPath: string;
  /** Answers 200 while the process works: the startup and liveness probes ask here. */
  readonly livePath: string;
  /** Seconds in which it ends at the latest, once asked to. */
  readonly stopTime: number;
  /** Where visitors of the bare address are sent: one application has it. */
  readonly homePage?: string;
  /** Name of its own database in MySQL, which only its pods may reach. */
  readonly database?: string;
  /** Which team is called when it fails. */
  readonly team: string;
  /** What a release must answer before it is believed, as its users would ask. */
  readonly smokeTest: readonly SmokeCheck[];
  /** How `pnpm dev` starts it. */
  readonly dev: Development;
}

export interface SmokeCheck {
  readonly method?: 'GET' | 'POST';
  /** Of the environment's address. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** The whole text of the answer, or what looks at it. The function throws an Error that says what was found instead. */
  readonly expected: string | ((answer: Answer) => void);
}

/** An answer with status 200. */
export interface Answer {
  readonly headers: Headers;
  readonly body: string;
}

export interface Development {
  /** Environment variables by which a developer chooses another port, and another SQLite file where it has a database. */
  readonly variables: { readonly port: string; readonly file?: string };
  /** Of Node, run in the application's folder. */
  readonly args: (place: Place) => readonly string[];
  readonly env: (place: Place) => Readonly<Record<string, string>>;
  /** What people open, by title. The first one answers once the application runs. */
  readonly pages: readonly { readonly title: string; readonly path: string }[];
}

/** What an application finds on a developer's machine. */
export interface Place {
  readonly port: number;
  /** Path of its SQLite file. */
  readonly file: string;
  /** `http://localhost:PORT` of any of them, by its name. */
  readonly addressOf: (application: string) => string;
}
