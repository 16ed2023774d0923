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
import type { Acknowledgement as _treeline_v1_Acknowledgement, Acknowledgement__Output as _treeline_v1_Acknowledgement__Output } from './treeline/v1/Acknowledgement.ts';
import type { AgentServiceClient as _treeline_v1_AgentServiceClient, AgentServiceDefinition as _treeline_v1_AgentServiceDefinition } from './treeline/v1/AgentService.ts';
import type { AttemptOrder as _treeline_v1_AttemptOrder, AttemptOrder__Output as _treeline_v1_AttemptOrder__Output } from './treeline/v1/AttemptOrder.ts';
import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from './treeline/v1/AttemptRef.ts';
import type { CheckResult as _treeline_v1_CheckResult, CheckResult__Output as _treeline_v1_CheckResult__Output } from './treeline/v1/CheckResult.ts';
import type { ClosedAttempt as _treeline_v1_ClosedAttempt, ClosedAttempt__Output as _treeline_v1_ClosedAttempt__Output } from './treeline/v1/ClosedAttempt.ts';
import type { ConfirmRequest as _treeline_v1_ConfirmRequest, ConfirmRequest__Output as _treeline_v1_ConfirmRequest__Output } from './treeline/v1/ConfirmRequest.ts';
import type { ConfirmResponse as _treeline_v1_ConfirmResponse, ConfirmResponse__Output as _treeline_v1_ConfirmResponse__Output } from './treeline/v1/ConfirmResponse.ts';
import type { DeniedCommit as _treeline_v1_DeniedCommit, DeniedCommit__Output as _treeline_v1_DeniedCommit__Output } from './treeline/v1/DeniedCommit.ts';
import type { Deployment as _treeline_v1_Deployment, Deployment__Output as _treeline_v1_Deployment__Output } from './treeline/v1/Deployment.ts';
import type { Disk as _treeline_v1_Disk, Disk__Output as _treeline_v1_Disk__Output } from './treeline/v1/Disk.ts';
import type { ExtendedResources as _treeline_v1_ExtendedResources, ExtendedResources__Output as _treeline_v1_ExtendedResources__Output } from './treeline/v1/ExtendedResources.ts';
import type { Generation as _treeline_v1_Generation, Generation__Output as _treeline_v1_Generation__Output } from './treeline/v1/Generation.ts';
import type { Health as _treeline_v1_Health, Health__Output as _treeline_v1_Health__Output } from './treeline/v1/Health.ts';
import type { Heartbeat as _treeline_v1_Heartbeat, Heartbeat__Output as _treeline_v1_Heartbeat__Output } from './treeline/v1/Heartbeat.ts';
import type { Hello as _treeline_v1_Hello, Hello__Output as _treeline_v1_Hello__Output } from './treeline/v1/Hello.ts';
import type { Intent as _treeline_v1_Intent, Intent__Output as _treeline_v1_Intent__Output } from './treeline/v1/Intent.ts';
import type { Inventory as _treeline_v1_Inventory, Inventory__Output as _treeline_v1_Inventory__Output } from './treeline/v1/Inventory.ts';
import type { KeyRotations as _treeline_v1_KeyRotations, KeyRotations__Output as _treeline_v1_KeyRotations__Output } from './treeline/v1/KeyRotations.ts';
import type { NetworkInterface as _treeline_v1_NetworkInterface, NetworkInterface__Output as _treeline_v1_NetworkInterface__Output } from './treeline/v1/NetworkInterface.ts';
import type { Observation as _treeline_v1_Observation, Observation__Output as _treeline_v1_Observation__Output } from './treeline/v1/Observation.ts';
import type { OpenAttempt as _treeline_v1_OpenAttempt, OpenAttempt__Output as _treeline_v1_OpenAttempt__Output } from './treeline/v1/OpenAttempt.ts';
import type { OsState as _treeline_v1_OsState, OsState__Output as _treeline_v1_OsState__Output } from './treeline/v1/OsState.ts';
import type { Permission as _treeline_v1_Permission, Permission__Output as _treeline_v1_Permission__Output } from './treeline/v1/Permission.ts';
import type { Progress as _treeline_v1_Progress, Progress__Output as _treeline_v1_Progress__Output } from './treeline/v1/Progress.ts';
import type { SessionRequest as _treeline_v1_SessionRequest, SessionRequest__Output as _treeline_v1_SessionRequest__Output } from './treeline/v1/SessionRequest.ts';
import type { SessionResponse as _treeline_v1_SessionResponse, SessionResponse__Output as _treeline_v1_SessionResponse__Output } from './treeline/v1/SessionResponse.ts';
import type { Signed as _treeline_v1_Signed, Signed__Output as _treeline_v1_Signed__Output } from './treeline/v1/Signed.ts';
import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from './treeline/v1/Target.ts';
import type { Trust as _treeline_v1_Trust, Trust__Output as _treeline_v1_Trust__Output } from './treeline/v1/Trust.ts';
import type { UpdateState as _treeline_v1_UpdateState, UpdateState__Output as _treeline_v1_UpdateState__Output } from './treeline/v1/UpdateState.ts';
import type { Welcome as _treeline_v1_Welcome, Welcome__Output as _treeline_v1_Welcome__Output } from './treeline/v1/Welcome.ts';

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
      Acknowledgement: MessageTypeDefinition<_treeline_v1_Acknowledgement, _treeline_v1_Acknowledgement__Output>
      AgentService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_AgentServiceClient> & { service: _treeline_v1_AgentServiceDefinition }
      AttemptOrder: MessageTypeDefinition<_treeline_v1_AttemptOrder, _treeline_v1_AttemptOrder__Output>
      AttemptRef: MessageTypeDefinition<_treeline_v1_AttemptRef, _treeline_v1_AttemptRef__Output>
      CheckResult: MessageTypeDefinition<_treeline_v1_CheckResult, _treeline_v1_CheckResult__Output>
      ClosedAttempt: MessageTypeDefinition<_treeline_v1_ClosedAttempt, _treeline_v1_ClosedAttempt__Output>
      ConfirmRequest: MessageTypeDefinition<_treeline_v1_ConfirmRequest, _treeline_v1_ConfirmRequest__Output>
      ConfirmResponse: MessageTypeDefinition<_treeline_v1_ConfirmResponse, _treeline_v1_ConfirmResponse__Output>
      DeniedCommit: MessageTypeDefinition<_treeline_v1_DeniedCommit, _treeline_v1_DeniedCommit__Output>
      Deployment: MessageTypeDefinition<_treeline_v1_Deployment, _treeline_v1_Deployment__Output>
      Disk: MessageTypeDefinition<_treeline_v1_Disk, _treeline_v1_Disk__Output>
      ExtendedResources: MessageTypeDefinition<_treeline_v1_ExtendedResources, _treeline_v1_ExtendedResources__Output>
      Generation: MessageTypeDefinition<_treeline_v1_Generation, _treeline_v1_Generation__Output>
      Health: MessageTypeDefinition<_treeline_v1_Health, _treeline_v1_Health__Output>
      HealthState: EnumTypeDefinition
      Heartbeat: MessageTypeDefinition<_treeline_v1_Heartbeat, _treeline_v1_Heartbeat__Output>
      Hello: MessageTypeDefinition<_treeline_v1_Hello, _treeline_v1_Hello__Output>
      Intent: MessageTypeDefinition<_treeline_v1_Intent, _treeline_v1_Intent__Output>
      Inventory: MessageTypeDefinition<_treeline_v1_Inventory, _treeline_v1_Inventory__Output>
      KeyRotations: MessageTypeDefinition<_treeline_v1_KeyRotations, _treeline_v1_KeyRotations__Output>
      NetworkInterface: MessageTypeDefinition<_treeline_v1_NetworkInterface, _treeline_v1_NetworkInterface__Output>
      Observation: MessageTypeDefinition<_treeline_v1_Observation, _treeline_v1_Observation__Output>
      OpenAttempt: MessageTypeDefinition<_treeline_v1_OpenAttempt, _treeline_v1_OpenAttempt__Output>
      OsState: MessageTypeDefinition<_treeline_v1_OsState, _treeline_v1_OsState__Output>
      Permission: MessageTypeDefinition<_treeline_v1_Permission, _treeline_v1_Permission__Output>
      Progress: MessageTypeDefinition<_treeline_v1_Progress, _treeline_v1_Progress__Output>
      SessionRequest: MessageTypeDefinition<_treeline_v1_SessionRequest, _treeline_v1_SessionRequest__Output>
      SessionResponse: MessageTypeDefinition<_treeline_v1_SessionResponse, _treeline_v1_SessionResponse__Output>
      Signed: MessageTypeDefinition<_treeline_v1_Signed, _treeline_v1_Signed__Output>
      Target: MessageTypeDefinition<_treeline_v1_Target, _treeline_v1_Target__Output>
      Trust: MessageTypeDefinition<_treeline_v1_Trust, _treeline_v1_Trust__Output>
      UpdatePhase: EnumTypeDefinition
      UpdateState: MessageTypeDefinition<_treeline_v1_UpdateState, _treeline_v1_UpdateState__Output>
      Welcome: MessageTypeDefinition<_treeline_v1_Welcome, _treeline_v1_Welcome__Output>
    }
  }
}

