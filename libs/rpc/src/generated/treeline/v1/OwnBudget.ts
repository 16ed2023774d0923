// Original file: treeline/v1/rollout.proto


export interface OwnBudget {
  'per'?: (string);
  'maxUnavailable'?: (string);
  'minAvailable'?: (string);
  '_per'?: "per";
  '_maxUnavailable'?: "maxUnavailable";
  '_minAvailable'?: "minAvailable";
}

export interface OwnBudget__Output {
  'per'?: (string);
  'maxUnavailable'?: (string);
  'minAvailable'?: (string);
  '_per'?: "per";
  '_maxUnavailable'?: "maxUnavailable";
  '_minAvailable'?: "minAvailable";
}
