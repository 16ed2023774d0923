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
import type { AccessServiceClient as _treeline_v1_AccessServiceClient, AccessServiceDefinition as _treeline_v1_AccessServiceDefinition } from './treeline/v1/AccessService.ts';
import type { ApiToken as _treeline_v1_ApiToken, ApiToken__Output as _treeline_v1_ApiToken__Output } from './treeline/v1/ApiToken.ts';
import type { Binding as _treeline_v1_Binding, Binding__Output as _treeline_v1_Binding__Output } from './treeline/v1/Binding.ts';
import type { CreateApiTokenRequest as _treeline_v1_CreateApiTokenRequest, CreateApiTokenRequest__Output as _treeline_v1_CreateApiTokenRequest__Output } from './treeline/v1/CreateApiTokenRequest.ts';
import type { CreateApiTokenResponse as _treeline_v1_CreateApiTokenResponse, CreateApiTokenResponse__Output as _treeline_v1_CreateApiTokenResponse__Output } from './treeline/v1/CreateApiTokenResponse.ts';
import type { Grant as _treeline_v1_Grant, Grant__Output as _treeline_v1_Grant__Output } from './treeline/v1/Grant.ts';
import type { ListApiTokensRequest as _treeline_v1_ListApiTokensRequest, ListApiTokensRequest__Output as _treeline_v1_ListApiTokensRequest__Output } from './treeline/v1/ListApiTokensRequest.ts';
import type { ListApiTokensResponse as _treeline_v1_ListApiTokensResponse, ListApiTokensResponse__Output as _treeline_v1_ListApiTokensResponse__Output } from './treeline/v1/ListApiTokensResponse.ts';
import type { ListBindingsRequest as _treeline_v1_ListBindingsRequest, ListBindingsRequest__Output as _treeline_v1_ListBindingsRequest__Output } from './treeline/v1/ListBindingsRequest.ts';
import type { ListBindingsResponse as _treeline_v1_ListBindingsResponse, ListBindingsResponse__Output as _treeline_v1_ListBindingsResponse__Output } from './treeline/v1/ListBindingsResponse.ts';
import type { ListRolesRequest as _treeline_v1_ListRolesRequest, ListRolesRequest__Output as _treeline_v1_ListRolesRequest__Output } from './treeline/v1/ListRolesRequest.ts';
import type { ListRolesResponse as _treeline_v1_ListRolesResponse, ListRolesResponse__Output as _treeline_v1_ListRolesResponse__Output } from './treeline/v1/ListRolesResponse.ts';
import type { PutBindingRequest as _treeline_v1_PutBindingRequest, PutBindingRequest__Output as _treeline_v1_PutBindingRequest__Output } from './treeline/v1/PutBindingRequest.ts';
import type { PutBindingResponse as _treeline_v1_PutBindingResponse, PutBindingResponse__Output as _treeline_v1_PutBindingResponse__Output } from './treeline/v1/PutBindingResponse.ts';
import type { PutRoleRequest as _treeline_v1_PutRoleRequest, PutRoleRequest__Output as _treeline_v1_PutRoleRequest__Output } from './treeline/v1/PutRoleRequest.ts';
import type { PutRoleResponse as _treeline_v1_PutRoleResponse, PutRoleResponse__Output as _treeline_v1_PutRoleResponse__Output } from './treeline/v1/PutRoleResponse.ts';
import type { RemoveBindingRequest as _treeline_v1_RemoveBindingRequest, RemoveBindingRequest__Output as _treeline_v1_RemoveBindingRequest__Output } from './treeline/v1/RemoveBindingRequest.ts';
import type { RemoveBindingResponse as _treeline_v1_RemoveBindingResponse, RemoveBindingResponse__Output as _treeline_v1_RemoveBindingResponse__Output } from './treeline/v1/RemoveBindingResponse.ts';
import type { RemoveRoleRequest as _treeline_v1_RemoveRoleRequest, RemoveRoleRequest__Output as _treeline_v1_RemoveRoleRequest__Output } from './treeline/v1/RemoveRoleRequest.ts';
import type { RemoveRoleResponse as _treeline_v1_RemoveRoleResponse, RemoveRoleResponse__Output as _treeline_v1_RemoveRoleResponse__Output } from './treeline/v1/RemoveRoleResponse.ts';
import type { RevokeApiTokenRequest as _treeline_v1_RevokeApiTokenRequest, RevokeApiTokenRequest__Output as _treeline_v1_RevokeApiTokenRequest__Output } from './treeline/v1/RevokeApiTokenRequest.ts';
import type { RevokeApiTokenResponse as _treeline_v1_RevokeApiTokenResponse, RevokeApiTokenResponse__Output as _treeline_v1_RevokeApiTokenResponse__Output } from './treeline/v1/RevokeApiTokenResponse.ts';
import type { Role as _treeline_v1_Role, Role__Output as _treeline_v1_Role__Output } from './treeline/v1/Role.ts';
import type { RoleRule as _treeline_v1_RoleRule, RoleRule__Output as _treeline_v1_RoleRule__Output } from './treeline/v1/RoleRule.ts';
import type { WhoAmIRequest as _treeline_v1_WhoAmIRequest, WhoAmIRequest__Output as _treeline_v1_WhoAmIRequest__Output } from './treeline/v1/WhoAmIRequest.ts';
import type { WhoAmIResponse as _treeline_v1_WhoAmIResponse, WhoAmIResponse__Output as _treeline_v1_WhoAmIResponse__Output } from './treeline/v1/WhoAmIResponse.ts';

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
      AccessService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_AccessServiceClient> & { service: _treeline_v1_AccessServiceDefinition }
      ApiToken: MessageTypeDefinition<_treeline_v1_ApiToken, _treeline_v1_ApiToken__Output>
      Binding: MessageTypeDefinition<_treeline_v1_Binding, _treeline_v1_Binding__Output>
      CreateApiTokenRequest: MessageTypeDefinition<_treeline_v1_CreateApiTokenRequest, _treeline_v1_CreateApiTokenRequest__Output>
      CreateApiTokenResponse: MessageTypeDefinition<_treeline_v1_CreateApiTokenResponse, _treeline_v1_CreateApiTokenResponse__Output>
      Grant: MessageTypeDefinition<_treeline_v1_Grant, _treeline_v1_Grant__Output>
      ListApiTokensRequest: MessageTypeDefinition<_treeline_v1_ListApiTokensRequest, _treeline_v1_ListApiTokensRequest__Output>
      ListApiTokensResponse: MessageTypeDefinition<_treeline_v1_ListApiTokensResponse, _treeline_v1_ListApiTokensResponse__Output>
      ListBindingsRequest: MessageTypeDefinition<_treeline_v1_ListBindingsRequest, _treeline_v1_ListBindingsRequest__Output>
      ListBindingsResponse: MessageTypeDefinition<_treeline_v1_ListBindingsResponse, _treeline_v1_ListBindingsResponse__Output>
      ListRolesRequest: MessageTypeDefinition<_treeline_v1_ListRolesRequest, _treeline_v1_ListRolesRequest__Output>
      ListRolesResponse: MessageTypeDefinition<_treeline_v1_ListRolesResponse, _treeline_v1_ListRolesResponse__Output>
      PutBindingRequest: MessageTypeDefinition<_treeline_v1_PutBindingRequest, _treeline_v1_PutBindingRequest__Output>
      PutBindingResponse: MessageTypeDefinition<_treeline_v1_PutBindingResponse, _treeline_v1_PutBindingResponse__Output>
      PutRoleRequest: MessageTypeDefinition<_treeline_v1_PutRoleRequest, _treeline_v1_PutRoleRequest__Output>
      PutRoleResponse: MessageTypeDefinition<_treeline_v1_PutRoleResponse, _treeline_v1_PutRoleResponse__Output>
      RemoveBindingRequest: MessageTypeDefinition<_treeline_v1_RemoveBindingRequest, _treeline_v1_RemoveBindingRequest__Output>
      RemoveBindingResponse: MessageTypeDefinition<_treeline_v1_RemoveBindingResponse, _treeline_v1_RemoveBindingResponse__Output>
      RemoveRoleRequest: MessageTypeDefinition<_treeline_v1_RemoveRoleRequest, _treeline_v1_RemoveRoleRequest__Output>
      RemoveRoleResponse: MessageTypeDefinition<_treeline_v1_RemoveRoleResponse, _treeline_v1_RemoveRoleResponse__Output>
      RevokeApiTokenRequest: MessageTypeDefinition<_treeline_v1_RevokeApiTokenRequest, _treeline_v1_RevokeApiTokenRequest__Output>
      RevokeApiTokenResponse: MessageTypeDefinition<_treeline_v1_RevokeApiTokenResponse, _treeline_v1_RevokeApiTokenResponse__Output>
      Role: MessageTypeDefinition<_treeline_v1_Role, _treeline_v1_Role__Output>
      RoleRule: MessageTypeDefinition<_treeline_v1_RoleRule, _treeline_v1_RoleRule__Output>
      WhoAmIRequest: MessageTypeDefinition<_treeline_v1_WhoAmIRequest, _treeline_v1_WhoAmIRequest__Output>
      WhoAmIResponse: MessageTypeDefinition<_treeline_v1_WhoAmIResponse, _treeline_v1_WhoAmIResponse__Output>
    }
  }
}

