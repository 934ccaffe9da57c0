import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';

/** A certificate and its key, both files in PEM format. */
export interface Certificate {
  certificate: string;
  key: string;
}

/**
 * Makes a certificate that is valid for a day: one that signs itself and may sign others, or one for a server.
 *
 * @param openssl path of the program
 * @param file where to put it, without an ending
 * @param server the name or address that it is for, such as `DNS:localhost`, and the authority that signs it
 */
export function makeCertificate(
  openssl: string,
  file: string,
  server?: { subject: string; authority: Certificate },
): Certificate {
  const made = { certificate: `${file}.pem`, key: `${file}.key` };
  const signing = server && [
    ...['-addext', `subjectAltName=${server.subject}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-CA', server.authority.certificate, '-CAkey', server.authority.key],
  ];
  execFileSync(
    openssl,
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${file.split('/').at(-1)}`],
      ...['-keyout', made.key, '-out', made.certificate],
      ...(signing ?? []),
    ],
    { stdio: 'ignore' },
  );
  // The server runs as another user, who must be able to read it.
  chmodSync(made.key, 0o644);
  return made;
}
