// Original file: treeline/v1/rollout.proto

import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from '../../treeline/v1/Target.ts';
import type { PlannedWave as _treeline_v1_PlannedWave, PlannedWave__Output as _treeline_v1_PlannedWave__Output } from '../../treeline/v1/PlannedWave.ts';
import type { BudgetInstance as _treeline_v1_BudgetInstance, BudgetInstance__Output as _treeline_v1_BudgetInstance__Output } from '../../treeline/v1/BudgetInstance.ts';
import type { PlannedStep as _treeline_v1_PlannedStep, PlannedStep__Output as _treeline_v1_PlannedStep__Output } from '../../treeline/v1/PlannedStep.ts';
import type { RefusedNode as _treeline_v1_RefusedNode, RefusedNode__Output as _treeline_v1_RefusedNode__Output } from '../../treeline/v1/RefusedNode.ts';
import type { PlannedConflict as _treeline_v1_PlannedConflict, PlannedConflict__Output as _treeline_v1_PlannedConflict__Output } from '../../treeline/v1/PlannedConflict.ts';
import type { PlannedRollback as _treeline_v1_PlannedRollback, PlannedRollback__Output as _treeline_v1_PlannedRollback__Output } from '../../treeline/v1/PlannedRollback.ts';
import type { Long } from '@grpc/proto-loader';

export interface RolloutPlan {
  'target'?: (_treeline_v1_Target | null);
  'nodeCount'?: (number);
  'waves'?: (_treeline_v1_PlannedWave)[];
  'budgets'?: (_treeline_v1_BudgetInstance)[];
  'budgetCount'?: (number);
  'steps'?: (_treeline_v1_PlannedStep)[];
  'stepCount'?: (number);
  'expectedMillis'?: (number | string | Long);
  'refused'?: (_treeline_v1_RefusedNode)[];
  'refusedCount'?: (number);
  'conflicts'?: (_treeline_v1_PlannedConflict)[];
  'warnings'?: (string)[];
  'rollback'?: (_treeline_v1_PlannedRollback | null);
  'alreadyCount'?: (number);
}

export interface RolloutPlan__Output {
  'target': (_treeline_v1_Target__Output | null);
  'nodeCount': (number);
  'waves': (_treeline_v1_PlannedWave__Output)[];
  'budgets': (_treeline_v1_BudgetInstance__Output)[];
  'budgetCount': (number);
  'steps': (_treeline_v1_PlannedStep__Output)[];
  'stepCount': (number);
  'expectedMillis': (string);
  'refused': (_treeline_v1_RefusedNode__Output)[];
  'refusedCount': (number);
  'conflicts': (_treeline_v1_PlannedConflict__Output)[];
  'warnings': (string)[];
  'rollback': (_treeline_v1_PlannedRollback__Output | null);
  'alreadyCount': (number);
}
