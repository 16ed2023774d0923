// Original file: treeline/v1/budget.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListBudgetsRequest as _treeline_v1_ListBudgetsRequest, ListBudgetsRequest__Output as _treeline_v1_ListBudgetsRequest__Output } from '../../treeline/v1/ListBudgetsRequest.ts';
import type { ListBudgetsResponse as _treeline_v1_ListBudgetsResponse, ListBudgetsResponse__Output as _treeline_v1_ListBudgetsResponse__Output } from '../../treeline/v1/ListBudgetsResponse.ts';
import type { PutBudgetRequest as _treeline_v1_PutBudgetRequest, PutBudgetRequest__Output as _treeline_v1_PutBudgetRequest__Output } from '../../treeline/v1/PutBudgetRequest.ts';
import type { PutBudgetResponse as _treeline_v1_PutBudgetResponse, PutBudgetResponse__Output as _treeline_v1_PutBudgetResponse__Output } from '../../treeline/v1/PutBudgetResponse.ts';
import type { RemoveBudgetRequest as _treeline_v1_RemoveBudgetRequest, RemoveBudgetRequest__Output as _treeline_v1_RemoveBudgetRequest__Output } from '../../treeline/v1/RemoveBudgetRequest.ts';
import type { RemoveBudgetResponse as _treeline_v1_RemoveBudgetResponse, RemoveBudgetResponse__Output as _treeline_v1_RemoveBudgetResponse__Output } from '../../treeline/v1/RemoveBudgetResponse.ts';

export interface BudgetServiceClient extends grpc.Client {
  ListBudgets(argument: _treeline_v1_ListBudgetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  ListBudgets(argument: _treeline_v1_ListBudgetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  ListBudgets(argument: _treeline_v1_ListBudgetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  ListBudgets(argument: _treeline_v1_ListBudgetsRequest, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  listBudgets(argument: _treeline_v1_ListBudgetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  listBudgets(argument: _treeline_v1_ListBudgetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  listBudgets(argument: _treeline_v1_ListBudgetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  listBudgets(argument: _treeline_v1_ListBudgetsRequest, callback: grpc.requestCallback<_treeline_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  
  PutBudget(argument: _treeline_v1_PutBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  PutBudget(argument: _treeline_v1_PutBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  PutBudget(argument: _treeline_v1_PutBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  PutBudget(argument: _treeline_v1_PutBudgetRequest, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  putBudget(argument: _treeline_v1_PutBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  putBudget(argument: _treeline_v1_PutBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  putBudget(argument: _treeline_v1_PutBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  putBudget(argument: _treeline_v1_PutBudgetRequest, callback: grpc.requestCallback<_treeline_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveBudget(argument: _treeline_v1_RemoveBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  RemoveBudget(argument: _treeline_v1_RemoveBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  RemoveBudget(argument: _treeline_v1_RemoveBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  RemoveBudget(argument: _treeline_v1_RemoveBudgetRequest, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  removeBudget(argument: _treeline_v1_RemoveBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  removeBudget(argument: _treeline_v1_RemoveBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  removeBudget(argument: _treeline_v1_RemoveBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  removeBudget(argument: _treeline_v1_RemoveBudgetRequest, callback: grpc.requestCallback<_treeline_v1_RemoveBudgetResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface BudgetServiceHandlers extends grpc.UntypedServiceImplementation {
  ListBudgets: grpc.handleUnaryCall<_treeline_v1_ListBudgetsRequest__Output, _treeline_v1_ListBudgetsResponse>;
  
  PutBudget: grpc.handleUnaryCall<_treeline_v1_PutBudgetRequest__Output, _treeline_v1_PutBudgetResponse>;
  
  RemoveBudget: grpc.handleUnaryCall<_treeline_v1_RemoveBudgetRequest__Output, _treeline_v1_RemoveBudgetResponse>;
  
}

export interface BudgetServiceDefinition extends grpc.ServiceDefinition {
  ListBudgets: MethodDefinition<_treeline_v1_ListBudgetsRequest, _treeline_v1_ListBudgetsResponse, _treeline_v1_ListBudgetsRequest__Output, _treeline_v1_ListBudgetsResponse__Output>
  PutBudget: MethodDefinition<_treeline_v1_PutBudgetRequest, _treeline_v1_PutBudgetResponse, _treeline_v1_PutBudgetRequest__Output, _treeline_v1_PutBudgetResponse__Output>
  RemoveBudget: MethodDefinition<_treeline_v1_RemoveBudgetRequest, _treeline_v1_RemoveBudgetResponse, _treeline_v1_RemoveBudgetRequest__Output, _treeline_v1_RemoveBudgetResponse__Output>
}
