// Original file: treeline/v1/agent.proto

import type { Disk as _treeline_v1_Disk, Disk__Output as _treeline_v1_Disk__Output } from '../../treeline/v1/Disk.ts';
import type { NetworkInterface as _treeline_v1_NetworkInterface, NetworkInterface__Output as _treeline_v1_NetworkInterface__Output } from '../../treeline/v1/NetworkInterface.ts';
import type { Long } from '@grpc/proto-loader';

export interface Inventory {
  'hostname'?: (string);
  'machineId'?: (string);
  'architecture'?: (string);
  'osName'?: (string);
  'osVersion'?: (string);
  'kernel'?: (string);
  'cpuModel'?: (string);
  'cpuCores'?: (number);
  'memoryBytes'?: (number | string | Long);
  'disks'?: (_treeline_v1_Disk)[];
  'interfaces'?: (_treeline_v1_NetworkInterface)[];
  'virtualization'?: (string);
}

export interface Inventory__Output {
  'hostname': (string);
  'machineId': (string);
  'architecture': (string);
  'osName': (string);
  'osVersion': (string);
  'kernel': (string);
  'cpuModel': (string);
  'cpuCores': (number);
  'memoryBytes': (string);
  'disks': (_treeline_v1_Disk__Output)[];
  'interfaces': (_treeline_v1_NetworkInterface__Output)[];
  'virtualization': (string);
}
