import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { DescriptorProto as _google_protobuf_DescriptorProto, DescriptorProto__Output as _google_protobuf_DescriptorProto__Output } from './google/protobuf/DescriptorProto.ts';
import type { EnumDescriptorProto as _google_protobuf_EnumDescriptorProto, EnumDescriptorProto__Output as _google_protobuf_EnumDescriptorProto__Output } from './google/protobuf/EnumDescriptorProto.ts';
import type { EnumOptions as _google_protobuf_EnumOptions, EnumOptions__Output as _google_protobuf_EnumOptions__Output } from './google/protobuf/EnumOptions.ts';
import type { EnumValueDescriptorProto as _google_protobuf_EnumValueDescriptorProto, EnumValueDescriptorProto__Output as _google_protobuf_EnumValueDescriptorProto__Output } from './google/protobuf/EnumValueDescriptorProto.ts';
import type { EnumValueOptions as _google_protobuf_EnumValueOptions, EnumValueOptions__Output as _google_protobuf_EnumValueOptions__Output } from './google/protobuf/EnumValueOptions.ts';
import type { ExtensionRangeOptions as _google_protobuf_ExtensionRangeOptions, ExtensionRangeOptions__Output as _google_protobuf_ExtensionRangeOptions__Output } from './google/protobuf/ExtensionRangeOptions.ts';
import type { FeatureSet as _google_protobuf_FeatureSet, FeatureSet__Output as _google_protobuf_FeatureSet__Output } from './google/protobuf/FeatureSet.ts';
import type { FeatureSetDefaults as _google_protobuf_FeatureSetDefaults, FeatureSetDefaults__Output as _google_protobuf_FeatureSetDefaults__Output } from './google/protobuf/FeatureSetDefaults.ts';
import type { FieldDescriptorProto as _google_protobuf_FieldDescriptorProto, FieldDescriptorProto__Output as _google_protobuf_FieldDescriptorProto__Output } from './google/protobuf/FieldDescriptorProto.ts';
import type { FieldOptions as _google_protobuf_FieldOptions, FieldOptions__Output as _google_protobuf_FieldOptions__Output } from './google/protobuf/FieldOptions.ts';
import type { FileDescriptorProto as _google_protobuf_FileDescriptorProto, FileDescriptorProto__Output as _google_protobuf_FileDescriptorProto__Output } from './google/protobuf/FileDescriptorProto.ts';
import type { FileDescriptorSet as _google_protobuf_FileDescriptorSet, FileDescriptorSet__Output as _google_protobuf_FileDescriptorSet__Output } from './google/protobuf/FileDescriptorSet.ts';
import type { FileOptions as _google_protobuf_FileOptions, FileOptions__Output as _google_protobuf_FileOptions__Output } from './google/protobuf/FileOptions.ts';
import type { GeneratedCodeInfo as _google_protobuf_GeneratedCodeInfo, GeneratedCodeInfo__Output as _google_protobuf_GeneratedCodeInfo__Output } from './google/protobuf/GeneratedCodeInfo.ts';
import type { MessageOptions as _google_protobuf_MessageOptions, MessageOptions__Output as _google_protobuf_MessageOptions__Output } from './google/protobuf/MessageOptions.ts';
import type { MethodDescriptorProto as _google_protobuf_MethodDescriptorProto, MethodDescriptorProto__Output as _google_protobuf_MethodDescriptorProto__Output } from './google/protobuf/MethodDescriptorProto.ts';
import type { MethodOptions as _google_protobuf_MethodOptions, MethodOptions__Output as _google_protobuf_MethodOptions__Output } from './google/protobuf/MethodOptions.ts';
import type { OneofDescriptorProto as _google_protobuf_OneofDescriptorProto, OneofDescriptorProto__Output as _google_protobuf_OneofDescriptorProto__Output } from './google/protobuf/OneofDescriptorProto.ts';
import type { OneofOptions as _google_protobuf_OneofOptions, OneofOptions__Output as _google_protobuf_OneofOptions__Output } from './google/protobuf/OneofOptions.ts';
import type { ServiceDescriptorProto as _google_protobuf_ServiceDescriptorProto, ServiceDescriptorProto__Output as _google_protobuf_ServiceDescriptorProto__Output } from './google/protobuf/ServiceDescriptorProto.ts';
import type { ServiceOptions as _google_protobuf_ServiceOptions, ServiceOptions__Output as _google_protobuf_ServiceOptions__Output } from './google/protobuf/ServiceOptions.ts';
import type { SourceCodeInfo as _google_protobuf_SourceCodeInfo, SourceCodeInfo__Output as _google_protobuf_SourceCodeInfo__Output } from './google/protobuf/SourceCodeInfo.ts';
import type { UninterpretedOption as _google_protobuf_UninterpretedOption, UninterpretedOption__Output as _google_protobuf_UninterpretedOption__Output } from './google/protobuf/UninterpretedOption.ts';
import type { Access as _treeline_v1_Access, Access__Output as _treeline_v1_Access__Output } from './treeline/v1/Access.ts';
import type { GetReleaseRequest as _treeline_v1_GetReleaseRequest, GetReleaseRequest__Output as _treeline_v1_GetReleaseRequest__Output } from './treeline/v1/GetReleaseRequest.ts';
import type { GetReleaseResponse as _treeline_v1_GetReleaseResponse, GetReleaseResponse__Output as _treeline_v1_GetReleaseResponse__Output } from './treeline/v1/GetReleaseResponse.ts';
import type { KeyRotation as _treeline_v1_KeyRotation, KeyRotation__Output as _treeline_v1_KeyRotation__Output } from './treeline/v1/KeyRotation.ts';
import type { ListKeyRotationsRequest as _treeline_v1_ListKeyRotationsRequest, ListKeyRotationsRequest__Output as _treeline_v1_ListKeyRotationsRequest__Output } from './treeline/v1/ListKeyRotationsRequest.ts';
import type { ListKeyRotationsResponse as _treeline_v1_ListKeyRotationsResponse, ListKeyRotationsResponse__Output as _treeline_v1_ListKeyRotationsResponse__Output } from './treeline/v1/ListKeyRotationsResponse.ts';
import type { ListMissingObjectsRequest as _treeline_v1_ListMissingObjectsRequest, ListMissingObjectsRequest__Output as _treeline_v1_ListMissingObjectsRequest__Output } from './treeline/v1/ListMissingObjectsRequest.ts';
import type { ListMissingObjectsResponse as _treeline_v1_ListMissingObjectsResponse, ListMissingObjectsResponse__Output as _treeline_v1_ListMissingObjectsResponse__Output } from './treeline/v1/ListMissingObjectsResponse.ts';
import type { ListReleasesRequest as _treeline_v1_ListReleasesRequest, ListReleasesRequest__Output as _treeline_v1_ListReleasesRequest__Output } from './treeline/v1/ListReleasesRequest.ts';
import type { ListReleasesResponse as _treeline_v1_ListReleasesResponse, ListReleasesResponse__Output as _treeline_v1_ListReleasesResponse__Output } from './treeline/v1/ListReleasesResponse.ts';
import type { MirrorReleaseRequest as _treeline_v1_MirrorReleaseRequest, MirrorReleaseRequest__Output as _treeline_v1_MirrorReleaseRequest__Output } from './treeline/v1/MirrorReleaseRequest.ts';
import type { MirrorReleaseResponse as _treeline_v1_MirrorReleaseResponse, MirrorReleaseResponse__Output as _treeline_v1_MirrorReleaseResponse__Output } from './treeline/v1/MirrorReleaseResponse.ts';
import type { ObjectStart as _treeline_v1_ObjectStart, ObjectStart__Output as _treeline_v1_ObjectStart__Output } from './treeline/v1/ObjectStart.ts';
import type { PublishHeader as _treeline_v1_PublishHeader, PublishHeader__Output as _treeline_v1_PublishHeader__Output } from './treeline/v1/PublishHeader.ts';
import type { PublishKeyRotationRequest as _treeline_v1_PublishKeyRotationRequest, PublishKeyRotationRequest__Output as _treeline_v1_PublishKeyRotationRequest__Output } from './treeline/v1/PublishKeyRotationRequest.ts';
import type { PublishKeyRotationResponse as _treeline_v1_PublishKeyRotationResponse, PublishKeyRotationResponse__Output as _treeline_v1_PublishKeyRotationResponse__Output } from './treeline/v1/PublishKeyRotationResponse.ts';
import type { PublishReleaseRequest as _treeline_v1_PublishReleaseRequest, PublishReleaseRequest__Output as _treeline_v1_PublishReleaseRequest__Output } from './treeline/v1/PublishReleaseRequest.ts';
import type { PublishReleaseResponse as _treeline_v1_PublishReleaseResponse, PublishReleaseResponse__Output as _treeline_v1_PublishReleaseResponse__Output } from './treeline/v1/PublishReleaseResponse.ts';
import type { Release as _treeline_v1_Release, Release__Output as _treeline_v1_Release__Output } from './treeline/v1/Release.ts';
import type { ReleaseServiceClient as _treeline_v1_ReleaseServiceClient, ReleaseServiceDefinition as _treeline_v1_ReleaseServiceDefinition } from './treeline/v1/ReleaseService.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  google: {
    protobuf: {
      DescriptorProto: MessageTypeDefinition<_google_protobuf_DescriptorProto, _google_protobuf_DescriptorProto__Output>
      Edition: EnumTypeDefinition
      EnumDescriptorProto: MessageTypeDefinition<_google_protobuf_EnumDescriptorProto, _google_protobuf_EnumDescriptorProto__Output>
      EnumOptions: MessageTypeDefinition<_google_protobuf_EnumOptions, _google_protobuf_EnumOptions__Output>
      EnumValueDescriptorProto: MessageTypeDefinition<_google_protobuf_EnumValueDescriptorProto, _google_protobuf_EnumValueDescriptorProto__Output>
      EnumValueOptions: MessageTypeDefinition<_google_protobuf_EnumValueOptions, _google_protobuf_EnumValueOptions__Output>
      ExtensionRangeOptions: MessageTypeDefinition<_google_protobuf_ExtensionRangeOptions, _google_protobuf_ExtensionRangeOptions__Output>
      FeatureSet: MessageTypeDefinition<_google_protobuf_FeatureSet, _google_protobuf_FeatureSet__Output>
      FeatureSetDefaults: MessageTypeDefinition<_google_protobuf_FeatureSetDefaults, _google_protobuf_FeatureSetDefaults__Output>
      FieldDescriptorProto: MessageTypeDefinition<_google_protobuf_FieldDescriptorProto, _google_protobuf_FieldDescriptorProto__Output>
      FieldOptions: MessageTypeDefinition<_google_protobuf_FieldOptions, _google_protobuf_FieldOptions__Output>
      FileDescriptorProto: MessageTypeDefinition<_google_protobuf_FileDescriptorProto, _google_protobuf_FileDescriptorProto__Output>
      FileDescriptorSet: MessageTypeDefinition<_google_protobuf_FileDescriptorSet, _google_protobuf_FileDescriptorSet__Output>
      FileOptions: MessageTypeDefinition<_google_protobuf_FileOptions, _google_protobuf_FileOptions__Output>
      GeneratedCodeInfo: MessageTypeDefinition<_google_protobuf_GeneratedCodeInfo, _google_protobuf_GeneratedCodeInfo__Output>
      MessageOptions: MessageTypeDefinition<_google_protobuf_MessageOptions, _google_protobuf_MessageOptions__Output>
      MethodDescriptorProto: MessageTypeDefinition<_google_protobuf_MethodDescriptorProto, _google_protobuf_MethodDescriptorProto__Output>
      MethodOptions: MessageTypeDefinition<_google_protobuf_MethodOptions, _google_protobuf_MethodOptions__Output>
      OneofDescriptorProto: MessageTypeDefinition<_google_protobuf_OneofDescriptorProto, _google_protobuf_OneofDescriptorProto__Output>
      OneofOptions: MessageTypeDefinition<_google_protobuf_OneofOptions, _google_protobuf_OneofOptions__Output>
      ServiceDescriptorProto: MessageTypeDefinition<_google_protobuf_ServiceDescriptorProto, _google_protobuf_ServiceDescriptorProto__Output>
      ServiceOptions: MessageTypeDefinition<_google_protobuf_ServiceOptions, _google_protobuf_ServiceOptions__Output>
      SourceCodeInfo: MessageTypeDefinition<_google_protobuf_SourceCodeInfo, _google_protobuf_SourceCodeInfo__Output>
      SymbolVisibility: EnumTypeDefinition
      UninterpretedOption: MessageTypeDefinition<_google_protobuf_UninterpretedOption, _google_protobuf_UninterpretedOption__Output>
    }
  }
  treeline: {
    v1: {
      Access: MessageTypeDefinition<_treeline_v1_Access, _treeline_v1_Access__Output>
      GetReleaseRequest: MessageTypeDefinition<_treeline_v1_GetReleaseRequest, _treeline_v1_GetReleaseRequest__Output>
      GetReleaseResponse: MessageTypeDefinition<_treeline_v1_GetReleaseResponse, _treeline_v1_GetReleaseResponse__Output>
      KeyRotation: MessageTypeDefinition<_treeline_v1_KeyRotation, _treeline_v1_KeyRotation__Output>
      ListKeyRotationsRequest: MessageTypeDefinition<_treeline_v1_ListKeyRotationsRequest, _treeline_v1_ListKeyRotationsRequest__Output>
      ListKeyRotationsResponse: MessageTypeDefinition<_treeline_v1_ListKeyRotationsResponse, _treeline_v1_ListKeyRotationsResponse__Output>
      ListMissingObjectsRequest: MessageTypeDefinition<_treeline_v1_ListMissingObjectsRequest, _treeline_v1_ListMissingObjectsRequest__Output>
      ListMissingObjectsResponse: MessageTypeDefinition<_treeline_v1_ListMissingObjectsResponse, _treeline_v1_ListMissingObjectsResponse__Output>
      ListReleasesRequest: MessageTypeDefinition<_treeline_v1_ListReleasesRequest, _treeline_v1_ListReleasesRequest__Output>
      ListReleasesResponse: MessageTypeDefinition<_treeline_v1_ListReleasesResponse, _treeline_v1_ListReleasesResponse__Output>
      MirrorReleaseRequest: MessageTypeDefinition<_treeline_v1_MirrorReleaseRequest, _treeline_v1_MirrorReleaseRequest__Output>
      MirrorReleaseResponse: MessageTypeDefinition<_treeline_v1_MirrorReleaseResponse, _treeline_v1_MirrorReleaseResponse__Output>
      ObjectStart: MessageTypeDefinition<_treeline_v1_ObjectStart, _treeline_v1_ObjectStart__Output>
      PublishHeader: MessageTypeDefinition<_treeline_v1_PublishHeader, _treeline_v1_PublishHeader__Output>
      PublishKeyRotationRequest: MessageTypeDefinition<_treeline_v1_PublishKeyRotationRequest, _treeline_v1_PublishKeyRotationRequest__Output>
      PublishKeyRotationResponse: MessageTypeDefinition<_treeline_v1_PublishKeyRotationResponse, _treeline_v1_PublishKeyRotationResponse__Output>
      PublishReleaseRequest: MessageTypeDefinition<_treeline_v1_PublishReleaseRequest, _treeline_v1_PublishReleaseRequest__Output>
      PublishReleaseResponse: MessageTypeDefinition<_treeline_v1_PublishReleaseResponse, _treeline_v1_PublishReleaseResponse__Output>
      Release: MessageTypeDefinition<_treeline_v1_Release, _treeline_v1_Release__Output>
      ReleaseService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_ReleaseServiceClient> & { service: _treeline_v1_ReleaseServiceDefinition }
    }
  }
}

