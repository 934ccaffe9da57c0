/** Constraints of one property in the CloudFormation registry, as in JSON Schema. */
export interface Constraint {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly (string | number)[];
  readonly enumCaseInsensitive?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** The file rehearsal/constraints/aws.json. */
export interface Constraints {
  readonly source: {
    readonly package: string;
    /** When the schemas were published. */
    readonly schemas: string;
    readonly extracted: string;
    readonly about: string;
  };
  /** By type, such as `AWS::EKS::Nodegroup`, and property path, such as `ScalingConfig/MaxSize`. */
  readonly types: Readonly<Record<string, Readonly<Record<string, Constraint>>>>;
  /** By type, the paths of the properties whose change replaces the resource. */
  readonly createOnly: Readonly<Record<string, readonly string[]>>;
}
