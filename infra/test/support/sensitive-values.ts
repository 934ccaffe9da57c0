/** The values of a state or a plan: https://developer.hashicorp.com/terraform/internals/json-format */
export interface Shown {
  readonly outputs?: Readonly<Record<string, { readonly sensitive: boolean }>>;
  readonly root_module: {
    readonly resources: readonly {
      readonly address: string;
      readonly type: string;
      readonly values: Readonly<Record<string, unknown>>;
      /** `true` in the place of each sensitive value. */
      readonly sensitive_values: unknown;
    }[];
  };
}

/** Where there is a sensitive value that is not empty. AWS's own parameters are public. */
export function sensitiveValues({ outputs = {}, root_module: { resources } }: Shown): string[] {
  return [
    ...Object.entries(outputs).flatMap(([name, { sensitive }]) => (sensitive ? [`output.${name}`] : [])),
    ...resources
      .filter(({ type, values }) => !(type === 'aws_ssm_parameter' && String(values.name).startsWith('/aws/service/')))
      .flatMap(({ address, sensitive_values, values }) => marked(values, sensitive_values, address)),
  ];
}

function marked(value: unknown, mark: unknown, path: string): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (mark === true) return [path];
  if (typeof mark !== 'object' || mark === null) return [];
  return Object.entries(mark).flatMap(([key, inner]) =>
    marked((value as Readonly<Record<string, unknown>>)[key], inner, `${path}.${key}`),
  );
}
