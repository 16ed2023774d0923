import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Budget as _treeline_v1_Budget, Budget__Output as _treeline_v1_Budget__Output } from './treeline/v1/Budget.ts';
import type { BudgetInstance as _treeline_v1_BudgetInstance, BudgetInstance__Output as _treeline_v1_BudgetInstance__Output } from './treeline/v1/BudgetInstance.ts';
import type { BudgetServiceClient as _treeline_v1_BudgetServiceClient, BudgetServiceDefinition as _treeline_v1_BudgetServiceDefinition } from './treeline/v1/BudgetService.ts';
import type { ListBudgetsRequest as _treeline_v1_ListBudgetsRequest, ListBudgetsRequest__Output as _treeline_v1_ListBudgetsRequest__Output } from './treeline/v1/ListBudgetsRequest.ts';
import type { ListBudgetsResponse as _treeline_v1_ListBudgetsResponse, ListBudgetsResponse__Output as _treeline_v1_ListBudgetsResponse__Output } from './treeline/v1/ListBudgetsResponse.ts';
import type { PutBudgetRequest as _treeline_v1_PutBudgetRequest, PutBudgetRequest__Output as _treeline_v1_PutBudgetRequest__Output } from './treeline/v1/PutBudgetRequest.ts';
import type { PutBudgetResponse as _treeline_v1_PutBudgetResponse, PutBudgetResponse__Output as _treeline_v1_PutBudgetResponse__Output } from './treeline/v1/PutBudgetResponse.ts';
import type { RemoveBudgetRequest as _treeline_v1_RemoveBudgetRequest, RemoveBudgetRequest__Output as _treeline_v1_RemoveBudgetRequest__Output } from './treeline/v1/RemoveBudgetRequest.ts';
import type { RemoveBudgetResponse as _treeline_v1_RemoveBudgetResponse, RemoveBudgetResponse__Output as _treeline_v1_RemoveBudgetResponse__Output } from './treeline/v1/RemoveBudgetResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  treeline: {
    v1: {
      Budget: MessageTypeDefinition<_treeline_v1_Budget, _treeline_v1_Budget__Output>
      BudgetInstance: MessageTypeDefinition<_treeline_v1_BudgetInstance, _treeline_v1_BudgetInstance__Output>
      BudgetService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_BudgetServiceClient> & { service: _treeline_v1_BudgetServiceDefinition }
      ListBudgetsRequest: MessageTypeDefinition<_treeline_v1_ListBudgetsRequest, _treeline_v1_ListBudgetsRequest__Output>
      ListBudgetsResponse: MessageTypeDefinition<_treeline_v1_ListBudgetsResponse, _treeline_v1_ListBudgetsResponse__Output>
      PutBudgetRequest: MessageTypeDefinition<_treeline_v1_PutBudgetRequest, _treeline_v1_PutBudgetRequest__Output>
      PutBudgetResponse: MessageTypeDefinition<_treeline_v1_PutBudgetResponse, _treeline_v1_PutBudgetResponse__Output>
      RemoveBudgetRequest: MessageTypeDefinition<_treeline_v1_RemoveBudgetRequest, _treeline_v1_RemoveBudgetRequest__Output>
      RemoveBudgetResponse: MessageTypeDefinition<_treeline_v1_RemoveBudgetResponse, _treeline_v1_RemoveBudgetResponse__Output>
    }
  }
}

