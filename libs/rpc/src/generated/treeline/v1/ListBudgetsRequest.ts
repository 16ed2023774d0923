// Original file: treeline/v1/budget.proto


export interface ListBudgetsRequest {
  'name'?: (string);
}

export interface ListBudgetsRequest__Output {
  'name': (string);
}
