import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';

/** A certificate and its key, both files in PEM format. */
export interface Certificate {
  certificate: string;
  key: string;
}

/**
 * Creates a certificate that is valid for one day: a self-signed CA, or a server certificate.
 *
 * @param openssl path of the program
 * @param file path of the files, without the extension
 * @param server subject of the server certificate, such as `DNS:localhost`, and the CA that signs it
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
  // The server runs as another user, which must be able to read the key.
  chmodSync(made.key, 0o644);
  return made;
}
