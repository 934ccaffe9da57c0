/** Description of an application, exported by `apps/<name>/application.ts`. Everything else is derived from it. */
export interface Application {
  /** 1 to 25 characters. Also the name of its folder, image, service, service account and, with `tg-`, target group. */
  readonly name: string;
  /** Path prefix that is routed to it. */
  readonly path: string;
  /** Port of its pods, and of its container on a developer's machine. */
  readonly port: number;
  /** Returns 200 while the application is ready: for the load balancer and the readiness probe. */
  readonly healthPath: string;
  /** Returns 200 while the process works: for the startup and liveness probes. */
  readonly livePath: string;
  /** Seconds that it takes at most to shut down. */
  readonly stopTime: number;
  /** The page that `/` shows. Exactly one application has it. */
  readonly homePage?: string;
  /** Name of its own MySQL database, which only its pods can reach. */
  readonly database?: string;
  /** The team that is notified when it fails. */
  readonly team: string;
  /** Applications that are released before it, if a push changes them too. */
  readonly after?: readonly string[];
  /** Requests that must succeed: on the first pod of a release, before users reach it, and then on the public address. */
  readonly smokeTest: readonly SmokeCheck[];
  /** How `pnpm dev` starts it. */
  readonly dev: Development;
}

export interface SmokeCheck {
  readonly method?: 'GET' | 'POST';
  /** Absolute path on the environment's address. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** Whether the application stores the request. It is then sent with an `Idempotency-Key`, to be stored only once. */
  readonly isStored?: true;
  /** The exact body, or a function that throws an Error if the response is wrong. Its message is in both languages. */
  readonly expected: string | ((answer: Answer) => void);
}

/** A response with status 200. */
export interface Answer {
  readonly headers: Headers;
  readonly body: string;
}

export interface Development {
  /** Names of the environment variables that override the port and, with a database, the SQLite file. */
  readonly variables: { readonly port: string; readonly file?: string };
  /** Arguments for Node, which runs in the application's folder. */
  readonly args: (place: Place) => readonly string[];
  readonly env: (place: Place) => Readonly<Record<string, string>>;
  /** Pages to print for the developer. The first one responds once the application runs. */
  readonly pages: readonly { readonly title: string; readonly path: string }[];
}

/** An application's surroundings on a developer's machine. */
export interface Place {
  readonly port: number;
  /** Path of its SQLite file. */
  readonly file: string;
  /** `http://localhost:PORT` of any application, by name. */
  readonly addressOf: (application: string) => string;
}
