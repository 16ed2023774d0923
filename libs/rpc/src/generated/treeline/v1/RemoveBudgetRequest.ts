// Original file: treeline/v1/budget.proto


export interface RemoveBudgetRequest {
  'name'?: (string);
  'reason'?: (string);
}

export interface RemoveBudgetRequest__Output {
  'name': (string);
  'reason': (string);
}
