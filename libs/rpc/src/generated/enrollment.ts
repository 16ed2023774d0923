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
import type { CreateTokenRequest as _treeline_v1_CreateTokenRequest, CreateTokenRequest__Output as _treeline_v1_CreateTokenRequest__Output } from './treeline/v1/CreateTokenRequest.ts';
import type { CreateTokenResponse as _treeline_v1_CreateTokenResponse, CreateTokenResponse__Output as _treeline_v1_CreateTokenResponse__Output } from './treeline/v1/CreateTokenResponse.ts';
import type { EnrollRequest as _treeline_v1_EnrollRequest, EnrollRequest__Output as _treeline_v1_EnrollRequest__Output } from './treeline/v1/EnrollRequest.ts';
import type { EnrollResponse as _treeline_v1_EnrollResponse, EnrollResponse__Output as _treeline_v1_EnrollResponse__Output } from './treeline/v1/EnrollResponse.ts';
import type { EnrollmentServiceClient as _treeline_v1_EnrollmentServiceClient, EnrollmentServiceDefinition as _treeline_v1_EnrollmentServiceDefinition } from './treeline/v1/EnrollmentService.ts';
import type { ListTokensRequest as _treeline_v1_ListTokensRequest, ListTokensRequest__Output as _treeline_v1_ListTokensRequest__Output } from './treeline/v1/ListTokensRequest.ts';
import type { ListTokensResponse as _treeline_v1_ListTokensResponse, ListTokensResponse__Output as _treeline_v1_ListTokensResponse__Output } from './treeline/v1/ListTokensResponse.ts';
import type { RevokeTokenRequest as _treeline_v1_RevokeTokenRequest, RevokeTokenRequest__Output as _treeline_v1_RevokeTokenRequest__Output } from './treeline/v1/RevokeTokenRequest.ts';
import type { RevokeTokenResponse as _treeline_v1_RevokeTokenResponse, RevokeTokenResponse__Output as _treeline_v1_RevokeTokenResponse__Output } from './treeline/v1/RevokeTokenResponse.ts';
import type { Token as _treeline_v1_Token, Token__Output as _treeline_v1_Token__Output } from './treeline/v1/Token.ts';

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
      CreateTokenRequest: MessageTypeDefinition<_treeline_v1_CreateTokenRequest, _treeline_v1_CreateTokenRequest__Output>
      CreateTokenResponse: MessageTypeDefinition<_treeline_v1_CreateTokenResponse, _treeline_v1_CreateTokenResponse__Output>
      EnrollRequest: MessageTypeDefinition<_treeline_v1_EnrollRequest, _treeline_v1_EnrollRequest__Output>
      EnrollResponse: MessageTypeDefinition<_treeline_v1_EnrollResponse, _treeline_v1_EnrollResponse__Output>
      EnrollmentService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_EnrollmentServiceClient> & { service: _treeline_v1_EnrollmentServiceDefinition }
      ListTokensRequest: MessageTypeDefinition<_treeline_v1_ListTokensRequest, _treeline_v1_ListTokensRequest__Output>
      ListTokensResponse: MessageTypeDefinition<_treeline_v1_ListTokensResponse, _treeline_v1_ListTokensResponse__Output>
      RevokeTokenRequest: MessageTypeDefinition<_treeline_v1_RevokeTokenRequest, _treeline_v1_RevokeTokenRequest__Output>
      RevokeTokenResponse: MessageTypeDefinition<_treeline_v1_RevokeTokenResponse, _treeline_v1_RevokeTokenResponse__Output>
      Token: MessageTypeDefinition<_treeline_v1_Token, _treeline_v1_Token__Output>
    }
  }
}

