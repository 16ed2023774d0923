// Original file: treeline/v1/node.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ClearNodeRequest as _treeline_v1_ClearNodeRequest, ClearNodeRequest__Output as _treeline_v1_ClearNodeRequest__Output } from '../../treeline/v1/ClearNodeRequest.ts';
import type { ClearNodeResponse as _treeline_v1_ClearNodeResponse, ClearNodeResponse__Output as _treeline_v1_ClearNodeResponse__Output } from '../../treeline/v1/ClearNodeResponse.ts';
import type { ExplainNodeRequest as _treeline_v1_ExplainNodeRequest, ExplainNodeRequest__Output as _treeline_v1_ExplainNodeRequest__Output } from '../../treeline/v1/ExplainNodeRequest.ts';
import type { ExplainNodeResponse as _treeline_v1_ExplainNodeResponse, ExplainNodeResponse__Output as _treeline_v1_ExplainNodeResponse__Output } from '../../treeline/v1/ExplainNodeResponse.ts';
import type { GetNodeRequest as _treeline_v1_GetNodeRequest, GetNodeRequest__Output as _treeline_v1_GetNodeRequest__Output } from '../../treeline/v1/GetNodeRequest.ts';
import type { GetNodeResponse as _treeline_v1_GetNodeResponse, GetNodeResponse__Output as _treeline_v1_GetNodeResponse__Output } from '../../treeline/v1/GetNodeResponse.ts';
import type { LabelNodeRequest as _treeline_v1_LabelNodeRequest, LabelNodeRequest__Output as _treeline_v1_LabelNodeRequest__Output } from '../../treeline/v1/LabelNodeRequest.ts';
import type { LabelNodeResponse as _treeline_v1_LabelNodeResponse, LabelNodeResponse__Output as _treeline_v1_LabelNodeResponse__Output } from '../../treeline/v1/LabelNodeResponse.ts';
import type { ListNodesRequest as _treeline_v1_ListNodesRequest, ListNodesRequest__Output as _treeline_v1_ListNodesRequest__Output } from '../../treeline/v1/ListNodesRequest.ts';
import type { ListNodesResponse as _treeline_v1_ListNodesResponse, ListNodesResponse__Output as _treeline_v1_ListNodesResponse__Output } from '../../treeline/v1/ListNodesResponse.ts';
import type { RevokeNodeRequest as _treeline_v1_RevokeNodeRequest, RevokeNodeRequest__Output as _treeline_v1_RevokeNodeRequest__Output } from '../../treeline/v1/RevokeNodeRequest.ts';
import type { RevokeNodeResponse as _treeline_v1_RevokeNodeResponse, RevokeNodeResponse__Output as _treeline_v1_RevokeNodeResponse__Output } from '../../treeline/v1/RevokeNodeResponse.ts';
import type { WriteOffNodeRequest as _treeline_v1_WriteOffNodeRequest, WriteOffNodeRequest__Output as _treeline_v1_WriteOffNodeRequest__Output } from '../../treeline/v1/WriteOffNodeRequest.ts';
import type { WriteOffNodeResponse as _treeline_v1_WriteOffNodeResponse, WriteOffNodeResponse__Output as _treeline_v1_WriteOffNodeResponse__Output } from '../../treeline/v1/WriteOffNodeResponse.ts';

export interface NodeServiceClient extends grpc.Client {
  ClearNode(argument: _treeline_v1_ClearNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  ClearNode(argument: _treeline_v1_ClearNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  ClearNode(argument: _treeline_v1_ClearNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  ClearNode(argument: _treeline_v1_ClearNodeRequest, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  clearNode(argument: _treeline_v1_ClearNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  clearNode(argument: _treeline_v1_ClearNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  clearNode(argument: _treeline_v1_ClearNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  clearNode(argument: _treeline_v1_ClearNodeRequest, callback: grpc.requestCallback<_treeline_v1_ClearNodeResponse__Output>): grpc.ClientUnaryCall;
  
  ExplainNode(argument: _treeline_v1_ExplainNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  ExplainNode(argument: _treeline_v1_ExplainNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  ExplainNode(argument: _treeline_v1_ExplainNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  ExplainNode(argument: _treeline_v1_ExplainNodeRequest, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  explainNode(argument: _treeline_v1_ExplainNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  explainNode(argument: _treeline_v1_ExplainNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  explainNode(argument: _treeline_v1_ExplainNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  explainNode(argument: _treeline_v1_ExplainNodeRequest, callback: grpc.requestCallback<_treeline_v1_ExplainNodeResponse__Output>): grpc.ClientUnaryCall;
  
  GetNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _treeline_v1_GetNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _treeline_v1_GetNodeRequest, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  
  LabelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  LabelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  LabelNode(argument: _treeline_v1_LabelNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  LabelNode(argument: _treeline_v1_LabelNodeRequest, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  
  ListNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _treeline_v1_ListNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _treeline_v1_ListNodesRequest, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  
  WriteOffNode(argument: _treeline_v1_WriteOffNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  WriteOffNode(argument: _treeline_v1_WriteOffNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  WriteOffNode(argument: _treeline_v1_WriteOffNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  WriteOffNode(argument: _treeline_v1_WriteOffNodeRequest, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  writeOffNode(argument: _treeline_v1_WriteOffNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  writeOffNode(argument: _treeline_v1_WriteOffNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  writeOffNode(argument: _treeline_v1_WriteOffNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  writeOffNode(argument: _treeline_v1_WriteOffNodeRequest, callback: grpc.requestCallback<_treeline_v1_WriteOffNodeResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface NodeServiceHandlers extends grpc.UntypedServiceImplementation {
  ClearNode: grpc.handleUnaryCall<_treeline_v1_ClearNodeRequest__Output, _treeline_v1_ClearNodeResponse>;
  
  ExplainNode: grpc.handleUnaryCall<_treeline_v1_ExplainNodeRequest__Output, _treeline_v1_ExplainNodeResponse>;
  
  GetNode: grpc.handleUnaryCall<_treeline_v1_GetNodeRequest__Output, _treeline_v1_GetNodeResponse>;
  
  LabelNode: grpc.handleUnaryCall<_treeline_v1_LabelNodeRequest__Output, _treeline_v1_LabelNodeResponse>;
  
  ListNodes: grpc.handleUnaryCall<_treeline_v1_ListNodesRequest__Output, _treeline_v1_ListNodesResponse>;
  
  RevokeNode: grpc.handleUnaryCall<_treeline_v1_RevokeNodeRequest__Output, _treeline_v1_RevokeNodeResponse>;
  
  WriteOffNode: grpc.handleUnaryCall<_treeline_v1_WriteOffNodeRequest__Output, _treeline_v1_WriteOffNodeResponse>;
  
}

export interface NodeServiceDefinition extends grpc.ServiceDefinition {
  ClearNode: MethodDefinition<_treeline_v1_ClearNodeRequest, _treeline_v1_ClearNodeResponse, _treeline_v1_ClearNodeRequest__Output, _treeline_v1_ClearNodeResponse__Output>
  ExplainNode: MethodDefinition<_treeline_v1_ExplainNodeRequest, _treeline_v1_ExplainNodeResponse, _treeline_v1_ExplainNodeRequest__Output, _treeline_v1_ExplainNodeResponse__Output>
  GetNode: MethodDefinition<_treeline_v1_GetNodeRequest, _treeline_v1_GetNodeResponse, _treeline_v1_GetNodeRequest__Output, _treeline_v1_GetNodeResponse__Output>
  LabelNode: MethodDefinition<_treeline_v1_LabelNodeRequest, _treeline_v1_LabelNodeResponse, _treeline_v1_LabelNodeRequest__Output, _treeline_v1_LabelNodeResponse__Output>
  ListNodes: MethodDefinition<_treeline_v1_ListNodesRequest, _treeline_v1_ListNodesResponse, _treeline_v1_ListNodesRequest__Output, _treeline_v1_ListNodesResponse__Output>
  RevokeNode: MethodDefinition<_treeline_v1_RevokeNodeRequest, _treeline_v1_RevokeNodeResponse, _treeline_v1_RevokeNodeRequest__Output, _treeline_v1_RevokeNodeResponse__Output>
  WriteOffNode: MethodDefinition<_treeline_v1_WriteOffNodeRequest, _treeline_v1_WriteOffNodeResponse, _treeline_v1_WriteOffNodeRequest__Output, _treeline_v1_WriteOffNodeResponse__Output>
}
