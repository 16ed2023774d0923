// Original file: treeline/v1/budget.proto


export interface BudgetInstance {
  'id'?: (string);
  'members'?: (number);
  'taken'?: (number);
  'limit'?: (number);
}

export interface BudgetInstance__Output {
  'id': (string);
  'members': (number);
  'taken': (number);
  'limit': (number);
}
