import ModelFitting
import TrialAnalysis
import TrialData

/// A grid of analyses: every combination of the axes' options is one run of a plan, a cell.
///
/// It is read from a batch file (docs/batch.schema.json). What an option changes is written into a copy of the plan, so
/// that a cell is an ordinary plan that `hekta analyze --plan` can carry out by itself.
public struct BatchPlan: Sendable {
  /// One way to make an analysis different.
  public struct Option: Sendable {
    public var id: String
    public var label: Label
    /// Where the batch file has it.
    public var place: YAMLPlace
    /// Another plan file, beside the batch file.
    public var plan: String?
    /// Another folder of data files.
    public var data: Placed<String>?
    /// A condition on the participant's row; only rows for which it is true stay, in every analysis set.
    public var filter: String?
    /// The covariates of the analyses that adjust.
    public var covariates: [String]?
    public var seed: Int?
    /// A profile of conventions, as the plan's key `conventions`.
    public var conventions: ConventionProfile?
    /// Keys of the plan by their path, with the value each is to have.
    public var settings: [Setting] = []
  }

  /// A key of the plan and its value in a cell.
  public struct Setting: Sendable {
    /// Such as `derive[1].employment.sustained-days` or `analyses[job-cox].ties`.
    public var path: Placed<String>
    /// Its value as YAML.
    public var value: String
  }

  /// One dimension of the grid.
  public struct Axis: Sendable {
    /// The name of its column in the stacked results.
    public var id: String
    public var label: Label
    public var options: [Option]
  }

  /// One estimate to draw over all cells.
  public struct Curve: Sendable {
    public var id: String
    public var title: Label
    /// Ids of records, as results.json has them; the first that a cell has is drawn.
    public var records: [String]
  }

  /// The batch file as given.
  public var file: String
  public var id: String
  public var title: Label
  /// The folder of plan, codebook and data, as the file names it.
  public var trial: String
  /// The analyses carried out, in the plan's order; all where nil.
  public var analyses: [Placed<String>]?
  public var axes: [Axis]
  /// Combinations that are left out: option ids by axis id.
  public var skipped: [[String: String]]
  public var curves: [Curve]

  /// A combination of options, one an axis.
  public func combinations() -> [[Option]] {
    var combinations: [[Option]] = [[]]
    for axis in axes {
      combinations = combinations.flatMap { head in axis.options.map { head + [$0] } }
    }
    return combinations.filter { options in
      !skipped.contains { skip in
        zip(axes, options).allSatisfy { axis, option in skip[axis.id].map { $0 == option.id } ?? true }
      }
    }
  }
}
