/** Thrown if a site cannot be made. The message is one line. */
export class SiteError extends Error {
  override readonly name = 'SiteError';
  readonly code = 'site-invalid';
}
