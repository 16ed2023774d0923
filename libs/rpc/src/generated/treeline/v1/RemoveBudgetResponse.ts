// Original file: treeline/v1/budget.proto


export interface RemoveBudgetResponse {
}

export interface RemoveBudgetResponse__Output {
}
