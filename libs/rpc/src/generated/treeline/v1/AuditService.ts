// Original file: treeline/v1/audit.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ExportAuditRequest as _treeline_v1_ExportAuditRequest, ExportAuditRequest__Output as _treeline_v1_ExportAuditRequest__Output } from '../../treeline/v1/ExportAuditRequest.ts';
import type { ExportAuditResponse as _treeline_v1_ExportAuditResponse, ExportAuditResponse__Output as _treeline_v1_ExportAuditResponse__Output } from '../../treeline/v1/ExportAuditResponse.ts';
import type { GetAuditKeyRequest as _treeline_v1_GetAuditKeyRequest, GetAuditKeyRequest__Output as _treeline_v1_GetAuditKeyRequest__Output } from '../../treeline/v1/GetAuditKeyRequest.ts';
import type { GetAuditKeyResponse as _treeline_v1_GetAuditKeyResponse, GetAuditKeyResponse__Output as _treeline_v1_GetAuditKeyResponse__Output } from '../../treeline/v1/GetAuditKeyResponse.ts';
import type { ListAuditRequest as _treeline_v1_ListAuditRequest, ListAuditRequest__Output as _treeline_v1_ListAuditRequest__Output } from '../../treeline/v1/ListAuditRequest.ts';
import type { ListAuditResponse as _treeline_v1_ListAuditResponse, ListAuditResponse__Output as _treeline_v1_ListAuditResponse__Output } from '../../treeline/v1/ListAuditResponse.ts';

export interface AuditServiceClient extends grpc.Client {
  ExportAudit(argument: _treeline_v1_ExportAuditRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_ExportAuditResponse__Output>;
  ExportAudit(argument: _treeline_v1_ExportAuditRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_ExportAuditResponse__Output>;
  exportAudit(argument: _treeline_v1_ExportAuditRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_ExportAuditResponse__Output>;
  exportAudit(argument: _treeline_v1_ExportAuditRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_ExportAuditResponse__Output>;
  
  GetAuditKey(argument: _treeline_v1_GetAuditKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  GetAuditKey(argument: _treeline_v1_GetAuditKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  GetAuditKey(argument: _treeline_v1_GetAuditKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  GetAuditKey(argument: _treeline_v1_GetAuditKeyRequest, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  getAuditKey(argument: _treeline_v1_GetAuditKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  getAuditKey(argument: _treeline_v1_GetAuditKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  getAuditKey(argument: _treeline_v1_GetAuditKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  getAuditKey(argument: _treeline_v1_GetAuditKeyRequest, callback: grpc.requestCallback<_treeline_v1_GetAuditKeyResponse__Output>): grpc.ClientUnaryCall;
  
  ListAudit(argument: _treeline_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _treeline_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _treeline_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _treeline_v1_ListAuditRequest, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _treeline_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _treeline_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _treeline_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _treeline_v1_ListAuditRequest, callback: grpc.requestCallback<_treeline_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface AuditServiceHandlers extends grpc.UntypedServiceImplementation {
  ExportAudit: grpc.handleServerStreamingCall<_treeline_v1_ExportAuditRequest__Output, _treeline_v1_ExportAuditResponse>;
  
  GetAuditKey: grpc.handleUnaryCall<_treeline_v1_GetAuditKeyRequest__Output, _treeline_v1_GetAuditKeyResponse>;
  
  ListAudit: grpc.handleUnaryCall<_treeline_v1_ListAuditRequest__Output, _treeline_v1_ListAuditResponse>;
  
}

export interface AuditServiceDefinition extends grpc.ServiceDefinition {
  ExportAudit: MethodDefinition<_treeline_v1_ExportAuditRequest, _treeline_v1_ExportAuditResponse, _treeline_v1_ExportAuditRequest__Output, _treeline_v1_ExportAuditResponse__Output>
  GetAuditKey: MethodDefinition<_treeline_v1_GetAuditKeyRequest, _treeline_v1_GetAuditKeyResponse, _treeline_v1_GetAuditKeyRequest__Output, _treeline_v1_GetAuditKeyResponse__Output>
  ListAudit: MethodDefinition<_treeline_v1_ListAuditRequest, _treeline_v1_ListAuditResponse, _treeline_v1_ListAuditRequest__Output, _treeline_v1_ListAuditResponse__Output>
}
