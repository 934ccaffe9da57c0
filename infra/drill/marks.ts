/** How drills mark what they made or changed: by tags on what is AWS's, by annotations on what is Kubernetes's. */

/** Key of the tag that says which drill it was. */
export const drillTag = 'drill';

/** Key of the mark that says when the drill has ended at the latest. */
export const endMark = 'drill-end';

/** The value of {@link endMark} for a drill that begins now. @param longest milliseconds that it takes at most */
export const endAfter = (longest: number): string => new Date(Date.now() + longest).toISOString();

/** Whether the drill that left this mark must have ended. One without a readable mark has. */
export const isOver = (mark: string | undefined): boolean => !(Date.parse(mark ?? '') > Date.now());

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export const tagOf = (tags: readonly Tag[], key: string): string | undefined =>
  tags.find(({ Key }) => Key === key)?.Value;
