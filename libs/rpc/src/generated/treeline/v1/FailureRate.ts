// Original file: treeline/v1/rollout.proto


export interface FailureRate {
  'acceptable'?: (number | string);
  'unacceptable'?: (number | string);
  'falseAlarm'?: (number | string);
  'miss'?: (number | string);
  'minSample'?: (number);
  '_acceptable'?: "acceptable";
  '_unacceptable'?: "unacceptable";
  '_falseAlarm'?: "falseAlarm";
  '_miss'?: "miss";
  '_minSample'?: "minSample";
}

export interface FailureRate__Output {
  'acceptable'?: (number);
  'unacceptable'?: (number);
  'falseAlarm'?: (number);
  'miss'?: (number);
  'minSample'?: (number);
  '_acceptable'?: "acceptable";
  '_unacceptable'?: "unacceptable";
  '_falseAlarm'?: "falseAlarm";
  '_miss'?: "miss";
  '_minSample'?: "minSample";
}
