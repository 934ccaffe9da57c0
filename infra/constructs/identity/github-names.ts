/** Issuer of GitHub's OIDC tokens, without the scheme, as used in IAM conditions. */
export const githubIssuer = 'token.actions.githubusercontent.com';

/** Audience of the tokens that GitHub's workflows request for AWS. */
export const githubAudience = 'sts.amazonaws.com';
