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
import type { AbortRolloutRequest as _treeline_v1_AbortRolloutRequest, AbortRolloutRequest__Output as _treeline_v1_AbortRolloutRequest__Output } from './treeline/v1/AbortRolloutRequest.ts';
import type { AbortRolloutResponse as _treeline_v1_AbortRolloutResponse, AbortRolloutResponse__Output as _treeline_v1_AbortRolloutResponse__Output } from './treeline/v1/AbortRolloutResponse.ts';
import type { Access as _treeline_v1_Access, Access__Output as _treeline_v1_Access__Output } from './treeline/v1/Access.ts';
import type { ApproveWaveRequest as _treeline_v1_ApproveWaveRequest, ApproveWaveRequest__Output as _treeline_v1_ApproveWaveRequest__Output } from './treeline/v1/ApproveWaveRequest.ts';
import type { ApproveWaveResponse as _treeline_v1_ApproveWaveResponse, ApproveWaveResponse__Output as _treeline_v1_ApproveWaveResponse__Output } from './treeline/v1/ApproveWaveResponse.ts';
import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from './treeline/v1/AttemptRef.ts';
import type { AuditCheckpoint as _treeline_v1_AuditCheckpoint, AuditCheckpoint__Output as _treeline_v1_AuditCheckpoint__Output } from './treeline/v1/AuditCheckpoint.ts';
import type { AuditEntry as _treeline_v1_AuditEntry, AuditEntry__Output as _treeline_v1_AuditEntry__Output } from './treeline/v1/AuditEntry.ts';
import type { AuditRecord as _treeline_v1_AuditRecord, AuditRecord__Output as _treeline_v1_AuditRecord__Output } from './treeline/v1/AuditRecord.ts';
import type { AuditServiceClient as _treeline_v1_AuditServiceClient, AuditServiceDefinition as _treeline_v1_AuditServiceDefinition } from './treeline/v1/AuditService.ts';
import type { Budget as _treeline_v1_Budget, Budget__Output as _treeline_v1_Budget__Output } from './treeline/v1/Budget.ts';
import type { BudgetInstance as _treeline_v1_BudgetInstance, BudgetInstance__Output as _treeline_v1_BudgetInstance__Output } from './treeline/v1/BudgetInstance.ts';
import type { BudgetServiceClient as _treeline_v1_BudgetServiceClient, BudgetServiceDefinition as _treeline_v1_BudgetServiceDefinition } from './treeline/v1/BudgetService.ts';
import type { CheckResult as _treeline_v1_CheckResult, CheckResult__Output as _treeline_v1_CheckResult__Output } from './treeline/v1/CheckResult.ts';
import type { CreateRolloutRequest as _treeline_v1_CreateRolloutRequest, CreateRolloutRequest__Output as _treeline_v1_CreateRolloutRequest__Output } from './treeline/v1/CreateRolloutRequest.ts';
import type { CreateRolloutResponse as _treeline_v1_CreateRolloutResponse, CreateRolloutResponse__Output as _treeline_v1_CreateRolloutResponse__Output } from './treeline/v1/CreateRolloutResponse.ts';
import type { Deployment as _treeline_v1_Deployment, Deployment__Output as _treeline_v1_Deployment__Output } from './treeline/v1/Deployment.ts';
import type { ExportAuditRequest as _treeline_v1_ExportAuditRequest, ExportAuditRequest__Output as _treeline_v1_ExportAuditRequest__Output } from './treeline/v1/ExportAuditRequest.ts';
import type { ExportAuditResponse as _treeline_v1_ExportAuditResponse, ExportAuditResponse__Output as _treeline_v1_ExportAuditResponse__Output } from './treeline/v1/ExportAuditResponse.ts';
import type { FailureRate as _treeline_v1_FailureRate, FailureRate__Output as _treeline_v1_FailureRate__Output } from './treeline/v1/FailureRate.ts';
import type { Gate as _treeline_v1_Gate, Gate__Output as _treeline_v1_Gate__Output } from './treeline/v1/Gate.ts';
import type { Generation as _treeline_v1_Generation, Generation__Output as _treeline_v1_Generation__Output } from './treeline/v1/Generation.ts';
import type { GetAuditKeyRequest as _treeline_v1_GetAuditKeyRequest, GetAuditKeyRequest__Output as _treeline_v1_GetAuditKeyRequest__Output } from './treeline/v1/GetAuditKeyRequest.ts';
import type { GetAuditKeyResponse as _treeline_v1_GetAuditKeyResponse, GetAuditKeyResponse__Output as _treeline_v1_GetAuditKeyResponse__Output } from './treeline/v1/GetAuditKeyResponse.ts';
import type { GetRolloutHistoryRequest as _treeline_v1_GetRolloutHistoryRequest, GetRolloutHistoryRequest__Output as _treeline_v1_GetRolloutHistoryRequest__Output } from './treeline/v1/GetRolloutHistoryRequest.ts';
import type { GetRolloutHistoryResponse as _treeline_v1_GetRolloutHistoryResponse, GetRolloutHistoryResponse__Output as _treeline_v1_GetRolloutHistoryResponse__Output } from './treeline/v1/GetRolloutHistoryResponse.ts';
import type { GetRolloutRequest as _treeline_v1_GetRolloutRequest, GetRolloutRequest__Output as _treeline_v1_GetRolloutRequest__Output } from './treeline/v1/GetRolloutRequest.ts';
import type { GetRolloutResponse as _treeline_v1_GetRolloutResponse, GetRolloutResponse__Output as _treeline_v1_GetRolloutResponse__Output } from './treeline/v1/GetRolloutResponse.ts';
import type { ListAuditRequest as _treeline_v1_ListAuditRequest, ListAuditRequest__Output as _treeline_v1_ListAuditRequest__Output } from './treeline/v1/ListAuditRequest.ts';
import type { ListAuditResponse as _treeline_v1_ListAuditResponse, ListAuditResponse__Output as _treeline_v1_ListAuditResponse__Output } from './treeline/v1/ListAuditResponse.ts';
import type { ListBudgetsRequest as _treeline_v1_ListBudgetsRequest, ListBudgetsRequest__Output as _treeline_v1_ListBudgetsRequest__Output } from './treeline/v1/ListBudgetsRequest.ts';
import type { ListBudgetsResponse as _treeline_v1_ListBudgetsResponse, ListBudgetsResponse__Output as _treeline_v1_ListBudgetsResponse__Output } from './treeline/v1/ListBudgetsResponse.ts';
import type { ListRolloutNodesRequest as _treeline_v1_ListRolloutNodesRequest, ListRolloutNodesRequest__Output as _treeline_v1_ListRolloutNodesRequest__Output } from './treeline/v1/ListRolloutNodesRequest.ts';
import type { ListRolloutNodesResponse as _treeline_v1_ListRolloutNodesResponse, ListRolloutNodesResponse__Output as _treeline_v1_ListRolloutNodesResponse__Output } from './treeline/v1/ListRolloutNodesResponse.ts';
import type { ListRolloutsRequest as _treeline_v1_ListRolloutsRequest, ListRolloutsRequest__Output as _treeline_v1_ListRolloutsRequest__Output } from './treeline/v1/ListRolloutsRequest.ts';
import type { ListRolloutsResponse as _treeline_v1_ListRolloutsResponse, ListRolloutsResponse__Output as _treeline_v1_ListRolloutsResponse__Output } from './treeline/v1/ListRolloutsResponse.ts';
import type { NodeCounts as _treeline_v1_NodeCounts, NodeCounts__Output as _treeline_v1_NodeCounts__Output } from './treeline/v1/NodeCounts.ts';
import type { OwnBudget as _treeline_v1_OwnBudget, OwnBudget__Output as _treeline_v1_OwnBudget__Output } from './treeline/v1/OwnBudget.ts';
import type { PauseRolloutRequest as _treeline_v1_PauseRolloutRequest, PauseRolloutRequest__Output as _treeline_v1_PauseRolloutRequest__Output } from './treeline/v1/PauseRolloutRequest.ts';
import type { PauseRolloutResponse as _treeline_v1_PauseRolloutResponse, PauseRolloutResponse__Output as _treeline_v1_PauseRolloutResponse__Output } from './treeline/v1/PauseRolloutResponse.ts';
import type { PlanRolloutRequest as _treeline_v1_PlanRolloutRequest, PlanRolloutRequest__Output as _treeline_v1_PlanRolloutRequest__Output } from './treeline/v1/PlanRolloutRequest.ts';
import type { PlanRolloutResponse as _treeline_v1_PlanRolloutResponse, PlanRolloutResponse__Output as _treeline_v1_PlanRolloutResponse__Output } from './treeline/v1/PlanRolloutResponse.ts';
import type { PlannedConflict as _treeline_v1_PlannedConflict, PlannedConflict__Output as _treeline_v1_PlannedConflict__Output } from './treeline/v1/PlannedConflict.ts';
import type { PlannedRollback as _treeline_v1_PlannedRollback, PlannedRollback__Output as _treeline_v1_PlannedRollback__Output } from './treeline/v1/PlannedRollback.ts';
import type { PlannedStep as _treeline_v1_PlannedStep, PlannedStep__Output as _treeline_v1_PlannedStep__Output } from './treeline/v1/PlannedStep.ts';
import type { PlannedWave as _treeline_v1_PlannedWave, PlannedWave__Output as _treeline_v1_PlannedWave__Output } from './treeline/v1/PlannedWave.ts';
import type { PutBudgetRequest as _treeline_v1_PutBudgetRequest, PutBudgetRequest__Output as _treeline_v1_PutBudgetRequest__Output } from './treeline/v1/PutBudgetRequest.ts';
import type { PutBudgetResponse as _treeline_v1_PutBudgetResponse, PutBudgetResponse__Output as _treeline_v1_PutBudgetResponse__Output } from './treeline/v1/PutBudgetResponse.ts';
import type { RefusedNode as _treeline_v1_RefusedNode, RefusedNode__Output as _treeline_v1_RefusedNode__Output } from './treeline/v1/RefusedNode.ts';
import type { RemoveBudgetRequest as _treeline_v1_RemoveBudgetRequest, RemoveBudgetRequest__Output as _treeline_v1_RemoveBudgetRequest__Output } from './treeline/v1/RemoveBudgetRequest.ts';
import type { RemoveBudgetResponse as _treeline_v1_RemoveBudgetResponse, RemoveBudgetResponse__Output as _treeline_v1_RemoveBudgetResponse__Output } from './treeline/v1/RemoveBudgetResponse.ts';
import type { ResumeRolloutRequest as _treeline_v1_ResumeRolloutRequest, ResumeRolloutRequest__Output as _treeline_v1_ResumeRolloutRequest__Output } from './treeline/v1/ResumeRolloutRequest.ts';
import type { ResumeRolloutResponse as _treeline_v1_ResumeRolloutResponse, ResumeRolloutResponse__Output as _treeline_v1_ResumeRolloutResponse__Output } from './treeline/v1/ResumeRolloutResponse.ts';
import type { RetryRolloutRequest as _treeline_v1_RetryRolloutRequest, RetryRolloutRequest__Output as _treeline_v1_RetryRolloutRequest__Output } from './treeline/v1/RetryRolloutRequest.ts';
import type { RetryRolloutResponse as _treeline_v1_RetryRolloutResponse, RetryRolloutResponse__Output as _treeline_v1_RetryRolloutResponse__Output } from './treeline/v1/RetryRolloutResponse.ts';
import type { RollbackRolloutRequest as _treeline_v1_RollbackRolloutRequest, RollbackRolloutRequest__Output as _treeline_v1_RollbackRolloutRequest__Output } from './treeline/v1/RollbackRolloutRequest.ts';
import type { RollbackRolloutResponse as _treeline_v1_RollbackRolloutResponse, RollbackRolloutResponse__Output as _treeline_v1_RollbackRolloutResponse__Output } from './treeline/v1/RollbackRolloutResponse.ts';
import type { Rollout as _treeline_v1_Rollout, Rollout__Output as _treeline_v1_Rollout__Output } from './treeline/v1/Rollout.ts';
import type { RolloutNode as _treeline_v1_RolloutNode, RolloutNode__Output as _treeline_v1_RolloutNode__Output } from './treeline/v1/RolloutNode.ts';
import type { RolloutPlan as _treeline_v1_RolloutPlan, RolloutPlan__Output as _treeline_v1_RolloutPlan__Output } from './treeline/v1/RolloutPlan.ts';
import type { RolloutPolicy as _treeline_v1_RolloutPolicy, RolloutPolicy__Output as _treeline_v1_RolloutPolicy__Output } from './treeline/v1/RolloutPolicy.ts';
import type { RolloutServiceClient as _treeline_v1_RolloutServiceClient, RolloutServiceDefinition as _treeline_v1_RolloutServiceDefinition } from './treeline/v1/RolloutService.ts';
import type { Signed as _treeline_v1_Signed, Signed__Output as _treeline_v1_Signed__Output } from './treeline/v1/Signed.ts';
import type { Staging as _treeline_v1_Staging, Staging__Output as _treeline_v1_Staging__Output } from './treeline/v1/Staging.ts';
import type { StartRolloutRequest as _treeline_v1_StartRolloutRequest, StartRolloutRequest__Output as _treeline_v1_StartRolloutRequest__Output } from './treeline/v1/StartRolloutRequest.ts';
import type { StartRolloutResponse as _treeline_v1_StartRolloutResponse, StartRolloutResponse__Output as _treeline_v1_StartRolloutResponse__Output } from './treeline/v1/StartRolloutResponse.ts';
import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from './treeline/v1/Target.ts';
import type { Timeouts as _treeline_v1_Timeouts, Timeouts__Output as _treeline_v1_Timeouts__Output } from './treeline/v1/Timeouts.ts';
import type { Wave as _treeline_v1_Wave, Wave__Output as _treeline_v1_Wave__Output } from './treeline/v1/Wave.ts';
import type { WaveStatus as _treeline_v1_WaveStatus, WaveStatus__Output as _treeline_v1_WaveStatus__Output } from './treeline/v1/WaveStatus.ts';

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
      AbortRolloutRequest: MessageTypeDefinition<_treeline_v1_AbortRolloutRequest, _treeline_v1_AbortRolloutRequest__Output>
      AbortRolloutResponse: MessageTypeDefinition<_treeline_v1_AbortRolloutResponse, _treeline_v1_AbortRolloutResponse__Output>
      Access: MessageTypeDefinition<_treeline_v1_Access, _treeline_v1_Access__Output>
      ApproveWaveRequest: MessageTypeDefinition<_treeline_v1_ApproveWaveRequest, _treeline_v1_ApproveWaveRequest__Output>
      ApproveWaveResponse: MessageTypeDefinition<_treeline_v1_ApproveWaveResponse, _treeline_v1_ApproveWaveResponse__Output>
      AttemptRef: MessageTypeDefinition<_treeline_v1_AttemptRef, _treeline_v1_AttemptRef__Output>
      AuditCheckpoint: MessageTypeDefinition<_treeline_v1_AuditCheckpoint, _treeline_v1_AuditCheckpoint__Output>
      AuditEntry: MessageTypeDefinition<_treeline_v1_AuditEntry, _treeline_v1_AuditEntry__Output>
      AuditRecord: MessageTypeDefinition<_treeline_v1_AuditRecord, _treeline_v1_AuditRecord__Output>
      AuditService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_AuditServiceClient> & { service: _treeline_v1_AuditServiceDefinition }
      Budget: MessageTypeDefinition<_treeline_v1_Budget, _treeline_v1_Budget__Output>
      BudgetInstance: MessageTypeDefinition<_treeline_v1_BudgetInstance, _treeline_v1_BudgetInstance__Output>
      BudgetService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_BudgetServiceClient> & { service: _treeline_v1_BudgetServiceDefinition }
      CheckResult: MessageTypeDefinition<_treeline_v1_CheckResult, _treeline_v1_CheckResult__Output>
      CreateRolloutRequest: MessageTypeDefinition<_treeline_v1_CreateRolloutRequest, _treeline_v1_CreateRolloutRequest__Output>
      CreateRolloutResponse: MessageTypeDefinition<_treeline_v1_CreateRolloutResponse, _treeline_v1_CreateRolloutResponse__Output>
      Deployment: MessageTypeDefinition<_treeline_v1_Deployment, _treeline_v1_Deployment__Output>
      ExportAuditRequest: MessageTypeDefinition<_treeline_v1_ExportAuditRequest, _treeline_v1_ExportAuditRequest__Output>
      ExportAuditResponse: MessageTypeDefinition<_treeline_v1_ExportAuditResponse, _treeline_v1_ExportAuditResponse__Output>
      FailureRate: MessageTypeDefinition<_treeline_v1_FailureRate, _treeline_v1_FailureRate__Output>
      Gate: MessageTypeDefinition<_treeline_v1_Gate, _treeline_v1_Gate__Output>
      Generation: MessageTypeDefinition<_treeline_v1_Generation, _treeline_v1_Generation__Output>
      GetAuditKeyRequest: MessageTypeDefinition<_treeline_v1_GetAuditKeyRequest, _treeline_v1_GetAuditKeyRequest__Output>
      GetAuditKeyResponse: MessageTypeDefinition<_treeline_v1_GetAuditKeyResponse, _treeline_v1_GetAuditKeyResponse__Output>
      GetRolloutHistoryRequest: MessageTypeDefinition<_treeline_v1_GetRolloutHistoryRequest, _treeline_v1_GetRolloutHistoryRequest__Output>
      GetRolloutHistoryResponse: MessageTypeDefinition<_treeline_v1_GetRolloutHistoryResponse, _treeline_v1_GetRolloutHistoryResponse__Output>
      GetRolloutRequest: MessageTypeDefinition<_treeline_v1_GetRolloutRequest, _treeline_v1_GetRolloutRequest__Output>
      GetRolloutResponse: MessageTypeDefinition<_treeline_v1_GetRolloutResponse, _treeline_v1_GetRolloutResponse__Output>
      ListAuditRequest: MessageTypeDefinition<_treeline_v1_ListAuditRequest, _treeline_v1_ListAuditRequest__Output>
      ListAuditResponse: MessageTypeDefinition<_treeline_v1_ListAuditResponse, _treeline_v1_ListAuditResponse__Output>
      ListBudgetsRequest: MessageTypeDefinition<_treeline_v1_ListBudgetsRequest, _treeline_v1_ListBudgetsRequest__Output>
      ListBudgetsResponse: MessageTypeDefinition<_treeline_v1_ListBudgetsResponse, _treeline_v1_ListBudgetsResponse__Output>
      ListRolloutNodesRequest: MessageTypeDefinition<_treeline_v1_ListRolloutNodesRequest, _treeline_v1_ListRolloutNodesRequest__Output>
      ListRolloutNodesResponse: MessageTypeDefinition<_treeline_v1_ListRolloutNodesResponse, _treeline_v1_ListRolloutNodesResponse__Output>
      ListRolloutsRequest: MessageTypeDefinition<_treeline_v1_ListRolloutsRequest, _treeline_v1_ListRolloutsRequest__Output>
      ListRolloutsResponse: MessageTypeDefinition<_treeline_v1_ListRolloutsResponse, _treeline_v1_ListRolloutsResponse__Output>
      NodeCounts: MessageTypeDefinition<_treeline_v1_NodeCounts, _treeline_v1_NodeCounts__Output>
      OwnBudget: MessageTypeDefinition<_treeline_v1_OwnBudget, _treeline_v1_OwnBudget__Output>
      PauseRolloutRequest: MessageTypeDefinition<_treeline_v1_PauseRolloutRequest, _treeline_v1_PauseRolloutRequest__Output>
      PauseRolloutResponse: MessageTypeDefinition<_treeline_v1_PauseRolloutResponse, _treeline_v1_PauseRolloutResponse__Output>
      PlanRolloutRequest: MessageTypeDefinition<_treeline_v1_PlanRolloutRequest, _treeline_v1_PlanRolloutRequest__Output>
      PlanRolloutResponse: MessageTypeDefinition<_treeline_v1_PlanRolloutResponse, _treeline_v1_PlanRolloutResponse__Output>
      PlannedConflict: MessageTypeDefinition<_treeline_v1_PlannedConflict, _treeline_v1_PlannedConflict__Output>
      PlannedRollback: MessageTypeDefinition<_treeline_v1_PlannedRollback, _treeline_v1_PlannedRollback__Output>
      PlannedStep: MessageTypeDefinition<_treeline_v1_PlannedStep, _treeline_v1_PlannedStep__Output>
      PlannedWave: MessageTypeDefinition<_treeline_v1_PlannedWave, _treeline_v1_PlannedWave__Output>
      PutBudgetRequest: MessageTypeDefinition<_treeline_v1_PutBudgetRequest, _treeline_v1_PutBudgetRequest__Output>
      PutBudgetResponse: MessageTypeDefinition<_treeline_v1_PutBudgetResponse, _treeline_v1_PutBudgetResponse__Output>
      RefusedNode: MessageTypeDefinition<_treeline_v1_RefusedNode, _treeline_v1_RefusedNode__Output>
      RemoveBudgetRequest: MessageTypeDefinition<_treeline_v1_RemoveBudgetRequest, _treeline_v1_RemoveBudgetRequest__Output>
      RemoveBudgetResponse: MessageTypeDefinition<_treeline_v1_RemoveBudgetResponse, _treeline_v1_RemoveBudgetResponse__Output>
      ResumeRolloutRequest: MessageTypeDefinition<_treeline_v1_ResumeRolloutRequest, _treeline_v1_ResumeRolloutRequest__Output>
      ResumeRolloutResponse: MessageTypeDefinition<_treeline_v1_ResumeRolloutResponse, _treeline_v1_ResumeRolloutResponse__Output>
      RetryRolloutRequest: MessageTypeDefinition<_treeline_v1_RetryRolloutRequest, _treeline_v1_RetryRolloutRequest__Output>
      RetryRolloutResponse: MessageTypeDefinition<_treeline_v1_RetryRolloutResponse, _treeline_v1_RetryRolloutResponse__Output>
      RollbackRolloutRequest: MessageTypeDefinition<_treeline_v1_RollbackRolloutRequest, _treeline_v1_RollbackRolloutRequest__Output>
      RollbackRolloutResponse: MessageTypeDefinition<_treeline_v1_RollbackRolloutResponse, _treeline_v1_RollbackRolloutResponse__Output>
      Rollout: MessageTypeDefinition<_treeline_v1_Rollout, _treeline_v1_Rollout__Output>
      RolloutNode: MessageTypeDefinition<_treeline_v1_RolloutNode, _treeline_v1_RolloutNode__Output>
      RolloutPlan: MessageTypeDefinition<_treeline_v1_RolloutPlan, _treeline_v1_RolloutPlan__Output>
      RolloutPolicy: MessageTypeDefinition<_treeline_v1_RolloutPolicy, _treeline_v1_RolloutPolicy__Output>
      RolloutService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_RolloutServiceClient> & { service: _treeline_v1_RolloutServiceDefinition }
      RolloutState: EnumTypeDefinition
      Signed: MessageTypeDefinition<_treeline_v1_Signed, _treeline_v1_Signed__Output>
      Staging: MessageTypeDefinition<_treeline_v1_Staging, _treeline_v1_Staging__Output>
      StartRolloutRequest: MessageTypeDefinition<_treeline_v1_StartRolloutRequest, _treeline_v1_StartRolloutRequest__Output>
      StartRolloutResponse: MessageTypeDefinition<_treeline_v1_StartRolloutResponse, _treeline_v1_StartRolloutResponse__Output>
      Target: MessageTypeDefinition<_treeline_v1_Target, _treeline_v1_Target__Output>
      Timeouts: MessageTypeDefinition<_treeline_v1_Timeouts, _treeline_v1_Timeouts__Output>
      UpdatePhase: EnumTypeDefinition
      Wave: MessageTypeDefinition<_treeline_v1_Wave, _treeline_v1_Wave__Output>
      WaveState: EnumTypeDefinition
      WaveStatus: MessageTypeDefinition<_treeline_v1_WaveStatus, _treeline_v1_WaveStatus__Output>
    }
  }
}

