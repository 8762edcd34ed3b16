import HypothesisTests
import ModelFitting
import ModelFormula
import Serialisation
import TrialAnalysis
import TrialData

/// A call of one command that gives the numbers of a record again.
public struct Refit: Sendable {
  /// The arguments without the program's name and without the table: `["fit", "cox", "Surv(time, event) ~ arm", …]`.
  public var arguments: [String]
  /// The table that the command reads, as CSV; nil where it takes counts.
  public var frame: [UInt8]?
  /// Where the record's numbers stand in the command's JSON.
  public var locations: [NumberLocation]
  /// Numbers of the record that the command does not print.
  public var absent: [String]

  /// The command as a shell takes it.
  ///
  /// - Parameter frame: where the table is.
  public func commandLine(frame path: String) -> String {
    let data = frame == nil ? [] : ["--data", path]
    return (["hekta"] + arguments + data + ["--format", "json"]).map(Self.quoted).joined(separator: " ")
  }

  /// An argument in single quotes where a shell would read it otherwise.
  static func quoted(_ argument: String) -> String {
    let plain = argument.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-_./,=:".contains($0))
    }
    return plain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
  }

  // MARK: Finding

  /// The command that gives most of a record's numbers again, found by carrying candidates out.
  ///
  /// - Returns: nil where no single command prints the record's main number with the same bits.
  static func find(_ record: JSONValue, in origin: AnalysisOrigin) -> Refit? {
    let wanted = NumberLocation.fields.filter { record[$0]?.double != nil }
    var best: Refit?
    for candidate in RefitCandidates(record: record, origin: origin).all {
      guard let output = candidate.output() else { continue }
      let locations = NumberLocation.locate(record, in: output)
      guard !locations.isEmpty, locations.count > (best?.locations.count ?? 0) else { continue }
      let found = Set(locations.map(\.field))
      best = Refit(
        arguments: candidate.arguments, frame: candidate.frame, locations: locations,
        absent: wanted.filter { !found.contains($0) })
      if best!.absent.isEmpty { break }
    }
    return best
  }
}

/// A command that may give a record's numbers again.
struct RefitCandidate {
  var arguments: [String]
  var frame: [UInt8]?
  /// Carries the command out on the table as a file gives it; nil where it fails.
  var output: () -> JSONValue?
}

/// The commands that may give a record's numbers again, the likeliest first.
struct RefitCandidates {
  let record: JSONValue
  let origin: AnalysisOrigin

  private var part: AnalysisOrigin.Part { origin.part(of: record["variant"]?.text) }
  private var measure: Result.Measure? { record["measure"]?.text.flatMap(Result.Measure.init(rawValue:)) }

  var all: [RefitCandidate] {
    let term = record["term"]?.text ?? ""
    if term == "bin" { return bins }
    if term.hasPrefix("check=") || term.hasPrefix("blocks=") { return audits }
    switch measure {
    case .standardisedDifference: return audits + descriptions
    case .mean, .standardDeviation, .median, .lowerQuartile, .upperQuartile, .minimum, .maximum, .count,
      .share:
      return counts + descriptions + tests + fits + audits
    default: return fits + tests + comparisonsOfArms + audits + descriptions
    }
  }

  // MARK: Randomisation

  private var audits: [RefitCandidate] {
    origin.audits.filter { $0.variant == record["variant"]?.text }.compactMap { audit in
      guard let export = FrameExport(audit.frame) else { return nil }
      return RefitCandidate(
        arguments: ["randomisation"] + audit.arguments + export.arguments, frame: export.bytes
      ) {
        guard let table = try? export.reread(path: "frame.csv") else { return nil }
        return audit.report(of: table)?.json
      }
    }
  }

  // MARK: Models

  private var fits: [RefitCandidate] {
    let own = origin.fits.filter { $0.variant == record["variant"]?.text }
    return own.compactMap { fit in
      guard let export = FrameExport(fit.request.data) else { return nil }
      let arguments =
        ["fit", fit.model, fit.request.formula] + export.arguments + fit.request.options.arguments
      return RefitCandidate(arguments: arguments, frame: export.bytes) {
        guard let table = try? export.reread(path: "frame.csv"),
          let entry = try? ModelCatalogue.entry(fit.model)
        else { return nil }
        let request = ModelRequest(formula: fit.request.formula, data: table, options: fit.request.options)
        return (try? entry.fitWhole(request))?.json
      }
    }
  }

  // MARK: Descriptions

  /// Participants counted by what the analysis did with them.
  private var counts: [RefitCandidate] {
    let names = [record["term"]?.text, record["outcome"]?.text]
    return origin.counts.filter { $0.variant == record["variant"]?.text && names.contains($0.column) }
      .compactMap { describe($0.column, of: $0.frame, by: ["arm"]) }
  }

  /// `hekta describe` of one column.
  private func describe(
    _ name: String, of frame: DataFrame, by: [String], quantiles type: SampleDescription.Quantiles = .type7
  ) -> RefitCandidate? {
    // No other column of a person's leaves with the frame.
    let table = DataFrame(([name] + by).map { ($0, frame[$0]!) }, rowCount: frame.rowCount)
    guard let export = FrameExport(table) else { return nil }
    var arguments = ["describe", name] + (by.isEmpty ? [] : ["--by", by.joined(separator: ",")])
    if type != .type7 { arguments += ["--quantiles", type.rawValue] }
    return RefitCandidate(arguments: arguments + export.arguments, frame: export.bytes) {
      guard let table = try? export.reread(path: "frame.csv") else { return nil }
      return (try? SampleDescription([name], of: table, by: by, quantiles: type))?.json
    }
  }

  /// The bars of a distribution: the outcome cut at the edges that the records have, zeros apart.
  private var bins: [RefitCandidate] {
    guard let outcome = record["outcome"]?.text, case .numeric(let values)? = part.frame[outcome],
      let arm = part.frame["arm"]
    else { return [] }
    let edges = Set(origin.analysis.results.filter { $0.term == "bin" }.compactMap(\.time)).sorted()
    // Zeros are a level of their own, so that the known values are counted whole.
    let codes = values.map { value -> Int32 in
      if value.isNaN { return Column.missingCode }
      return value == 0 ? 0 : Int32((edges.lastIndex { $0 <= value } ?? -2) + 1)
    }
    let bin = Column.categorical(codes: codes, levels: ["zero"] + edges.map { NumberText.significant($0) })
    let table = DataFrame([("bin", bin), (outcome, .numeric(values)), ("arm", arm)], rowCount: values.count)
    guard let export = FrameExport(table) else { return [] }
    return [
      RefitCandidate(
        arguments: ["describe", "bin", "--by", "arm"] + export.arguments, frame: export.bytes
      ) {
        guard let table = try? export.reread(path: "frame.csv") else { return nil }
        return (try? SampleDescription(["bin"], of: table, by: ["arm"]))?.json
      }
    ]
  }

  private var descriptions: [RefitCandidate] {
    let frame = part.frame
    let quantiles = record["conventions"]?["quantile type"]?.text
    let type = quantiles.flatMap(SampleDescription.Quantiles.init(rawValue:)) ?? .type7
    let groupings = ((isOfParticipants ? [] : [["arm", "visit"]]) + [["arm"], []])
      .filter { by in by.allSatisfy { frame[$0] != nil } }
    return described.flatMap { name in
      groupings.filter { !$0.contains(name) }.compactMap {
        describe(name, of: frame, by: $0, quantiles: type)
      }
    }
  }

  /// True where an analysis describes the participants, whatever their columns are called.
  private var isOfParticipants: Bool { [.baseline, .randomisation, .flow].contains(origin.analysis.kind) }

  /// The columns that the record's term speaks of; else the outcome and the arm.
  var described: [String] {
    let frame = part.frame
    let term = record["term"]?.text ?? ""
    let named = frame.names.filter { name in
      // Of repeated measurements the visit says when, and is no variable that is described.
      guard isOfParticipants || name != "visit" else { return false }
      return term == name || term.hasPrefix(name + "=") || term.hasSuffix("=" + name)
        || term.contains("=\(name)=")
    }
    if !named.isEmpty { return named }
    let outcome = record["outcome"]?.text ?? origin.analysis.outcome?.name
    return [outcome, "allocated", "arm"].compactMap { $0 }.filter { frame[$0] != nil }
  }

  // MARK: Tests of a column by arm

  /// Tests of a characteristic of the participants against the arm.
  private var comparisonsOfArms: [RefitCandidate] {
    guard measure == .test, origin.analysis.kind == .baseline, let arm = part.frame["arm"] else { return [] }
    return described.flatMap { name -> [RefitCandidate] in
      guard name != "arm", let column = part.frame[name] else { return [] }
      let isNumeric = if case .numeric = column { true } else { false }
      let table = DataFrame([(name, column), ("arm", arm)], rowCount: part.frame.rowCount)
      guard let export = FrameExport(table) else { return [] }
      // Sums over the cells of a table end in other bits where its rows are its columns.
      let variable = Expression.nameText(name)
      let formulas = isNumeric ? ["\(variable) ~ arm"] : ["arm ~ \(variable)", "\(variable) ~ arm"]
      return formulas.map { formula in
        let arguments =
          ["test", isNumeric ? "kruskal" : "chisq", formula] + (isNumeric ? [] : ["--no-correct"])
        return RefitCandidate(arguments: arguments + export.arguments, frame: export.bytes) {
          guard let table = try? export.reread(path: "frame.csv"),
            let entry = try? HypothesisTestCatalogue.entry(arguments[1])
          else { return nil }
          var options = HypothesisTestOptions()
          if !isNumeric { options.correct = false }
          let request = HypothesisTestRequest(formula: formula, data: table, options: options)
          return (try? entry.report(request))?.json
        }
      }
    }
  }

  // MARK: Tests on counts

  private var tests: [RefitCandidate] {
    let level = origin.level == 0.95 ? [] : ["--conf-level", origin.level.description]
    // A risk's own limits by the method that its record names; ratios where no difference's companion has theirs.
    let risk = SingleProportion.Method.allCases.first { $0.title == record["method"]?.text }
    let ratios = measure == .riskRatio ? RatioMethod.allCases : []
    let odds = measure == .oddsRatio ? OddsRatioMethod.allCases : []
    typealias Methods = (difference: String, ratio: RatioMethod?, odds: OddsRatioMethod?)
    let differences = [
      "newcombe", "wald", "wald-corrected", "score", "miettinen-nurminen", "agresti-caffo", "exact",
    ]
    var choices: [Methods] = differences.map { ($0, nil, nil) }
    choices += ratios.map { ("newcombe", $0, nil) }
    choices += odds.map { ("newcombe", nil, $0) }
    return comparisons.flatMap { comparison -> [RefitCandidate] in
      choices.map { method, ratio, odds in
        let counts = [
          "--x", "\(comparison.events[0]),\(comparison.events[1])", "--n",
          "\(comparison.totals[0]),\(comparison.totals[1])", "--method", method,
        ]
        let methods =
          (risk.map { ["--risk-method", $0.rawValue] } ?? [])
          + (ratio.map { ["--ratio-method", $0.rawValue] } ?? [])
          + (odds.map { ["--odds-ratio-method", $0.rawValue] } ?? [])
        return test("proportions", counts + methods + level) { options in
          options.events = comparison.events
          options.sizes = comparison.totals.map { Double($0) }
          options.method = method
          options.riskMethods = [risk].compactMap { $0 }
          options.ratioMethod = ratio?.rawValue
          options.oddsRatioMethod = odds?.rawValue
        }
      }
    } + allocation(level)
  }

  /// The share of each arm against the planned allocation.
  private func allocation(_ level: [String]) -> [RefitCandidate] {
    guard origin.analysis.kind == .randomisation, case .categorical(let codes, _)? = part.frame["arm"]
    else { return [] }
    let total = codes.count
    // The treated arms first: of two arms the planned share of the treated is what the test is about.
    return origin.arms.indices.reversed().map { arm in
      let count = codes.count { Int($0) == arm }
      let planned = origin.ratios[arm] / origin.ratios.reduce(0, +)
      return test(
        "binom", ["--x", String(count), "--n", String(total), "--p", planned.description] + level
      ) { options in
        options.events = [count]
        options.sizes = [Double(total)]
        options.probability = planned
      }
    }
  }

  private func test(
    _ name: String, _ arguments: [String], _ fill: @escaping (inout HypothesisTestOptions) -> Void
  ) -> RefitCandidate {
    RefitCandidate(arguments: ["test", name] + arguments, frame: nil) {
      var options = HypothesisTestOptions()
      options.confidenceLevel = origin.level
      fill(&options)
      guard let entry = try? HypothesisTestCatalogue.entry(name) else { return nil }
      return (try? entry.report(HypothesisTestRequest(options: options)))?.json
    }
  }

  private struct Comparison {
    var events: [Int]
    var totals: [Int]
  }

  /// Every arm against the control: the events of a comparison of risks, or the missing outcomes of a check.
  private var comparisons: [Comparison] {
    guard case .categorical(let codes, _)? = part.frame["arm"] else { return [] }
    let isMissing = record["term"]?.text?.hasPrefix("missing-outcome=") == true
    guard isMissing || origin.analysis.kind == .risk,
      let name = record["outcome"]?.text, let column = part.frame[name]
    else { return [] }
    func counts(_ arm: Int) -> (events: Int, total: Int) {
      let rows = codes.indices.filter { Int(codes[$0]) == arm }
      if isMissing { return (rows.count { column.isMissing(at: $0) }, rows.count) }
      guard case .numeric(let values) = column else { return (0, 0) }
      let known = rows.filter { !values[$0].isNaN }
      return (known.count { values[$0] == 1 }, known.count)
    }
    let control = counts(0)
    let arms = origin.arms.indices.dropFirst().filter { arm in
      guard let contrast = record["contrast"]?.text else { return true }
      return contrast.hasPrefix(origin.arms[arm] + " ")
    }
    return arms.map { arm in
      let treated = counts(arm)
      return Comparison(events: [treated.events, control.events], totals: [treated.total, control.total])
    }
  }
}
