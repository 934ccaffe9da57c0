import { type Channel, mark } from '../functions/signoz/src/definitions.ts';

export interface ChannelProps {
  /** Prefix of the environment, for the subject of a message. */
  readonly prefix: string;
  readonly region: string;
  /** ARN of each team's SNS topic. */
  readonly topics: Readonly<Record<string, string>>;
}

/** Name of a team's channel. */
export const channelOf = (team: string): string => `${mark.channel}${team}`;

/**
 * One channel for each team: the SNS topic of the alarms, whose subscribers have confirmed their address. E-mail from
 * SigNoz itself would need an SMTP server, with a password.
 *
 * Alertmanager's own receiver, which SigNoz builds in as it is, signs with the credentials that its pod has:
 * https://github.com/SigNoz/signoz/blob/v0.131.0/pkg/alertmanager/alertmanagernotify/receiver.go
 */
export function channelsOf({ prefix, region, topics }: ChannelProps): Channel[] {
  return Object.entries(topics).map(([team, topic_arn]) => ({
    name: channelOf(team),
    sns_configs: [
      {
        topic_arn,
        // The fields of `sigv4` have no names for JSON, so SigNoz returns them in upper case.
        sigv4: { Region: region },
        send_resolved: true,
        // Alertmanager's defaults. SigNoz returns them, so that without them here the channel would never look as defined.
        http_config: { follow_redirects: true, enable_http2: true },
        // SNS refuses line breaks in a subject, and more than 100 characters.
        subject: `{{ .Status | toUpper }}: ${prefix}-{{ .CommonLabels.rule }}`,
        message: '{{ range .Alerts }}{{ .Annotations.summary }}\n\n{{ .Annotations.description }}\n\n{{ end }}',
      },
    ],
  }));
}
