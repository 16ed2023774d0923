import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ListStopsRequest as _treeline_v1_ListStopsRequest, ListStopsRequest__Output as _treeline_v1_ListStopsRequest__Output } from './treeline/v1/ListStopsRequest.ts';
import type { ListStopsResponse as _treeline_v1_ListStopsResponse, ListStopsResponse__Output as _treeline_v1_ListStopsResponse__Output } from './treeline/v1/ListStopsResponse.ts';
import type { ResumeAllRequest as _treeline_v1_ResumeAllRequest, ResumeAllRequest__Output as _treeline_v1_ResumeAllRequest__Output } from './treeline/v1/ResumeAllRequest.ts';
import type { ResumeAllResponse as _treeline_v1_ResumeAllResponse, ResumeAllResponse__Output as _treeline_v1_ResumeAllResponse__Output } from './treeline/v1/ResumeAllResponse.ts';
import type { Stop as _treeline_v1_Stop, Stop__Output as _treeline_v1_Stop__Output } from './treeline/v1/Stop.ts';
import type { StopAllRequest as _treeline_v1_StopAllRequest, StopAllRequest__Output as _treeline_v1_StopAllRequest__Output } from './treeline/v1/StopAllRequest.ts';
import type { StopAllResponse as _treeline_v1_StopAllResponse, StopAllResponse__Output as _treeline_v1_StopAllResponse__Output } from './treeline/v1/StopAllResponse.ts';
import type { StopServiceClient as _treeline_v1_StopServiceClient, StopServiceDefinition as _treeline_v1_StopServiceDefinition } from './treeline/v1/StopService.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  treeline: {
    v1: {
      ListStopsRequest: MessageTypeDefinition<_treeline_v1_ListStopsRequest, _treeline_v1_ListStopsRequest__Output>
      ListStopsResponse: MessageTypeDefinition<_treeline_v1_ListStopsResponse, _treeline_v1_ListStopsResponse__Output>
      ResumeAllRequest: MessageTypeDefinition<_treeline_v1_ResumeAllRequest, _treeline_v1_ResumeAllRequest__Output>
      ResumeAllResponse: MessageTypeDefinition<_treeline_v1_ResumeAllResponse, _treeline_v1_ResumeAllResponse__Output>
      Stop: MessageTypeDefinition<_treeline_v1_Stop, _treeline_v1_Stop__Output>
      StopAllRequest: MessageTypeDefinition<_treeline_v1_StopAllRequest, _treeline_v1_StopAllRequest__Output>
      StopAllResponse: MessageTypeDefinition<_treeline_v1_StopAllResponse, _treeline_v1_StopAllResponse__Output>
      StopService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_StopServiceClient> & { service: _treeline_v1_StopServiceDefinition }
    }
  }
}

