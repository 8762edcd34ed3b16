import ModelFitting
import TrialData

/// A written analysis plan: what the data are, who is analysed, what is estimated and how, and what is shown.
///
/// It is read from `plan.yml` (docs/plan.schema.json) and knows nothing of the data's values; names of columns, sets and
/// files keep their places, so that a fault found in the data points into the plan.
public struct Plan: Sendable {
  /// The plan's file as given.
  public var file: String
  /// Hexadecimal SHA-256 of its bytes.
  public var sha256: String
  public var trial: TrialPlan
  public var language: Language
  /// The seed of every random stream.
  public var seed: Int
  /// The confidence level, such as 0.95.
  public var level: Double
  public var rounding: AnalysisRun.Rounding
  /// The software whose defaults decide what the analyses leave open; nil for the methods' own defaults.
  public var conventions: ConventionProfile?
  /// The analyses as a second software's defaults have them, to be set beside the first.
  public var also: AlsoPlan?
  /// Counts above zero and below this are not printed.
  public var suppressionFloor: Int
  /// The codebook's file, beside the plan.
  public var codebook: Placed<String>?
  /// The data files; the first holds one row a participant.
  public var files: [DataFilePlan]
  public var arms: ArmPlan
  public var window: WindowPlan?
  /// How the trial was randomised, where the plan says.
  public var randomisation: RandomisationPlan?
  /// In order; each may use what those before it made.
  public var derivations: [DerivationPlan]
  /// The analysis sets, each after those it starts from.
  public var sets: [AnalysisSetPlan]
  public var estimands: [AnalysisRun.Estimand]
  public var analyses: [AnalysisPlan]
  public var outputs: [OutputPlan]
  public var published: [PublishedPlan]
  /// Where simulated trials of this plan come from.
  public var simulation: SimulationPlan?
  /// How `hekta verify` compares a rerun with what was published.
  public var verification: VerificationPlan

  /// The file with one row a participant.
  public var participants: DataFilePlan { files[0] }
}

/// The plan's analyses under another software's conventions.
public struct AlsoPlan: Sendable {
  public var profile: ConventionProfile
  /// As many as the plan's, in their order.
  public var analyses: [AnalysisPlan]
}

/// The trial as its plan names it.
public struct TrialPlan: Sendable, Equatable {
  /// The short name that `results.json` carries.
  public var id: String
  public var title: Label
  public var isSimulated: Bool
  public var registration: String?
  /// Where the data come from, in words.
  public var source: Label?
}

/// One data file.
public struct DataFilePlan: Sendable, Equatable {
  /// The visits of a file with several rows a participant.
  public struct Visits: Sendable, Equatable {
    /// The column that tells the visit.
    public var column: Placed<String>
    /// What the visits' numbers count, such as months.
    public var unit: Label?
    /// Wordings of visits.
    public var labels: [(name: Placed<String>, label: Label)]

    public static func == (a: Visits, b: Visits) -> Bool {
      a.column == b.column && a.unit == b.unit && a.labels.map(\.name) == b.labels.map(\.name)
        && a.labels.map(\.label) == b.labels.map(\.label)
    }
  }

  /// What analyses call it.
  public var name: String
  public var file: Placed<String>
  /// The column that names the participant.
  public var key: Placed<String>
  public var visits: Visits?
  /// False for a file whose rows are not participants, such as a log of those assessed; it may then have no key.
  public var isLinked = true
}

/// The arms and the column that tells them.
public struct ArmPlan: Sendable, Equatable {
  public struct Arm: Sendable, Equatable {
    public var code: Placed<String>
    public var label: Label
    /// The arm's part in the planned allocation; 1 and 1 for one to one.
    public var ratio: Double
  }

  public var column: Placed<String>
  /// The control arm first.
  public var arms: [Arm]
  /// What the arms' variable is called in tables.
  public var label: Label
}

/// How long outcomes are collected for, counted from each participant's day 0.
public enum WindowPlan: Sendable, Equatable {
  /// To the same date so many calendar months on, the end of the month clipped.
  case months(Int)
  case days(Int)
}

/// An analysis set: participants who remain of another set after exclusions with reasons.
public struct AnalysisSetPlan: Sendable, Equatable {
  public struct Exclusion: Sendable, Equatable {
    public var id: String
    public var reason: Label
    /// The condition on the participant's row that excludes; a row for which it is missing stays.
    public var condition: Placed<String>
  }

  public var id: Placed<String>
  public var label: Label
  /// The set it starts from; all randomised participants where nil.
  public var from: Placed<String>?
  /// In order; a participant counts at the first that applies.
  public var exclusions: [Exclusion]
}

/// A step that makes variables from the files.
public enum DerivationPlan: Sendable, Equatable {
  /// Employment outcomes from spells of employment, joined to the participants.
  case employment(EmploymentPlan)
  /// The codebook's scales of a file, added to it.
  case scores(file: Placed<String>)
  /// A new column of a file, computed from its others.
  case column(name: Placed<String>, file: Placed<String>?, expression: Placed<String>, label: Label?)
  /// A participant's value at one visit of another file, joined to the participants.
  case atVisit(
    name: Placed<String>, file: Placed<String>, column: Placed<String>, visit: Placed<String>,
    label: Label?)
  /// The sum of another file's column over each participant's window.
  case total(TotalPlan)
}

/// A table or figure to make.
public struct OutputPlan: Sendable, Equatable {
  public var form: AnalysisRun.Output.Form
  public var id: String
  public var analyses: [Placed<String>]
  public var title: Label?
}

/// A value printed elsewhere and the record it is to be read beside.
public struct PublishedPlan: Sendable, Equatable {
  public var label: Label
  public var measure: Result.Measure
  public var estimate: Double
  public var low: Double?
  public var high: Double?
  public var source: String
  /// The id of the record, as `results.json` has it.
  public var beside: Placed<String>?
}
