/**
 * The content of a body in the encoding `aws-chunked`: for each chunk its size in hexadecimal, optional extensions, and
 * the data; after the last chunk, of size 0, trailing headers. Checksums and signatures are not verified.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let start = 0; start < body.length; ) {
    const lineEnd = body.indexOf('\r\n', start);
    const size = Number.parseInt(body.toString('latin1', start, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(size)) throw new Error('The body is not in the encoding aws-chunked');
    if (size === 0) break;
    const dataStart = lineEnd + 2;
    chunks.push(body.subarray(dataStart, dataStart + size));
    start = dataStart + size + 2;
  }
  return Buffer.concat(chunks);
}
