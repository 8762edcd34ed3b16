import ModelFormula
import Survival

/// A request on event times: the frame, the checked times, and errors that name the rows of the table.
struct SurvivalRequest {
  let frame: ModelFrame
  var data: SurvivalData
  /// The texts of the causes 1, 2, … where the status is categorical.
  let causeLabels: [String]?
  /// A report on these rows, with the warnings that concern the times.
  let report: ModelReport

  /// Evaluates the request.
  ///
  /// - Parameters:
  ///   - model: the model's name.
  ///   - singleCause: whether a status above 1 is an error.
  ///   - groupings: columns that options name.
  ///   - allowsEntry: whether start–stop times are allowed.
  ///   - parts: what the model has a use for beside terms.
  init(
    _ request: ModelRequest, model: String, singleCause: Bool = true, groupings: [String?] = [],
    allowsEntry: Bool = true, taking parts: Set<ModelRequest.FormulaPart> = [.strata, .cluster, .offset]
  ) throws {
    try Self.checkID(request, model)
    let episodes = try SurvivalEpisodes(request)
    let frame = try episodes.request.frame(groupings: groupings, taking: parts)
    let response = try frame.survivalResponse(singleCause: singleCause)
    if response.start == nil, model == "cox", request.options.standardise != nil, request.options.id != nil {
      throw FitRequestError.optionWithoutMeaning(option: "--id", model: "cox --standardise of a row a person")
    }
    if response.start != nil, !allowsEntry {
      throw FitRequestError.notEstimable(
        "\(model) takes Surv(time, event); it has no method for start-stop times")
    }
    var report = request.report(model: model, frame: frame)
    report.missing += episodes.missing
    if let filterMissing = report.filterMissing {
      report.filterMissing = filterMissing + episodes.filterMissing
    }
    report.warnings += episodes.warnings
    report.sections += episodes.sections
    report.conventions += episodes.conventions
    self.frame = frame
    data = try Self.onRows(of: frame, request.options) { () throws(SurvivalError) in
      try SurvivalData(time: response.stop, entry: response.start, cause: response.status)
    }
    causeLabels = episodes.statusLevels ?? (episodes.conventions.isEmpty ? response.statusLevels : nil)
    if data.mergedTimes > 0 {
      report.warnings.append(
        "\(data.mergedTimes) distinct times differ from another by rounding error only and were made equal to it"
      )
    }
    self.report = report
  }

  /// An id that nothing asks for would be an option that does nothing.
  private static func checkID(_ request: ModelRequest, _ model: String) throws {
    let options = request.options
    guard options.id != nil, options.survival.changes == nil, options.survival.recurrent == nil else {
      return
    }
    switch model {
    case "km", "mcf": return
    case "cox":
      if options.standardise != nil { return }
      throw FitRequestError.optionWithoutMeaning(
        option: "--id", model: "cox without --changes, --recurrent or --standardise")
    default:
      throw FitRequestError.optionWithoutMeaning(option: "--id", model: "\(model) without --changes")
    }
  }

  /// Runs an estimator; an error about rows becomes one about the rows of the table.
  func run<T>(_ options: FitOptions, _ body: () throws(SurvivalError) -> T) throws -> T {
    try Self.onRows(of: frame, options, body)
  }

  private static func onRows<T>(
    of frame: ModelFrame, _ options: FitOptions, _ body: () throws(SurvivalError) -> T
  ) throws -> T {
    do {
      return try body()
    } catch {
      guard !error.rows.isEmpty else { throw FitRequestError.notEstimable(error.description) }
      let (found, expected) = words(error)
      let column: String
      switch error {
      case .negativeWeight: column = options.weights ?? "weights"
      case .notFinite(let what, _): column = what
      default: column = frame.formula.response?.text ?? "time"
      }
      throw DataRowError(
        error.rows.map {
          DataRowError.Fault(row: frame.rows[$0], column: column, found: found, expected: expected)
        })
    }
  }

  private static func words(_ error: SurvivalError) -> (found: String, expected: String) {
    switch error {
    case .emptyInterval: ("an interval that stops at or before its start", "start < stop")
    case .intervalVanishesWithNearTies:
      ("an interval no longer than rounding error", "start < stop")
    case .overlappingRows:
      ("time that overlaps another row of the same person", "rows that follow one another")
    case .negativeTime: ("a negative time", "a time of at least 0")
    case .negativeWeight: ("a negative weight", "a weight of at least 0")
    case .zeroTime: ("a time of 0, which has no logarithm", "a time above 0")
    default: ("a value that is not a finite number", "a finite number")
    }
  }
}
