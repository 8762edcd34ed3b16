import Serialisation
import TrialAnalysis

/// Where the numbers of a record stand in what a command printed as JSON.
///
/// They are found by their bits: of all objects in the output, the one that holds most of the record's numbers, under names
/// and beside words that fit the record best.
public struct NumberLocation: Sendable, Equatable {
  /// How the record's number comes from the printed one.
  public enum Transform: String, Sendable {
    case same
    /// The comparison is written the other way round.
    case opposite
    /// A standard error from a variance.
    case root

    func applied(to value: Double) -> Double {
      switch self {
      case .same: value
      case .opposite: -value
      case .root: value.squareRoot()
      }
    }
  }

  /// The field of the record.
  public var field: String
  /// The place in the output, as `jq` writes it: `.coefficients[1].estimate`.
  public var path: String
  public var transform: Transform

  /// The fields of a record that a command can print again.
  static let fields = [
    "estimate", "std.error", "df", "df2", "statistic", "p.value", "conf.low", "conf.high", "n", "events",
  ]

  /// The places of a record's numbers in an output; empty where its main number is not there.
  public static func locate(_ record: JSONValue, in output: JSONValue) -> [NumberLocation] {
    var search = Search(record)
    search.visit(output, path: "", context: [])
    guard !search.best.isEmpty else { return [] }
    // Counts often stand once, for the stratum or for the whole fit.
    var found = Set(search.best.map(\.field))
    var whole: [NumberLocation] = []
    for place in search.enclosing.reversed() + [
      (path: "", value: output), (path: ".fit", value: output["fit"] ?? .null),
    ] {
      for field in ["n", "events"] where !found.contains(field) {
        guard let value = record[field]?.double else { continue }
        let names = field == "n" ? ["n", "rows", "persons"] : ["events", "n.event"]
        for name in names where place.value[name]?.double == value {
          found.insert(field)
          whole.append(NumberLocation(field: field, path: "\(place.path).\(name)", transform: .same))
          break
        }
      }
    }
    return search.best + whole
  }

  /// Names under which models print what a record calls otherwise.
  fileprivate static let aliases: [String: Set<String>] = [
    "std.error": ["SE", "var", "std.err"], "conf.low": ["lower.CL", "median.low"],
    "conf.high": ["upper.CL", "median.high"],
    "statistic": ["t.ratio", "z.ratio", "chisq"],
    // The statistic of a binomial test is its count.
    "events": ["x", "zeros", "n.event", "observed", "statistic"],
    "n": ["n.risk", "rows"],
  ]

  /// Names under which commands print the estimate of a record, by what it measures.
  fileprivate static func names(of measure: Result.Measure, term: String) -> Set<String> {
    switch measure {
    case .count:
      if term == "bin" { return ["count"] }
      if term == "bin-zero" { return ["zeros"] }
      if term.hasPrefix("blocks=") { return ["complete"] }
      // The line of missing values in a table of characteristics is a level without a name.
      if term.hasPrefix("missing") || term.hasSuffix("=") { return ["missing"] }
      return ["n", "count", "sum"]
    case .share: return ["share", "zeroShare", "estimate"]
    case .mean: return ["mean", "estimate"]
    case .standardDeviation: return ["sd"]
    case .median: return ["median"]
    case .lowerQuartile: return ["q1"]
    case .upperQuartile: return ["q3"]
    case .minimum: return ["min"]
    case .maximum: return ["max"]
    case .standardisedDifference: return ["smd", "estimate"]
    case .survival: return ["surv"]
    case .cumulativeIncidence: return ["est"]
    case .meanCumulative: return ["mcf"]
    case .atRisk: return ["n.risk"]
    case .events: return ["events", "n.event", "observed", "expected"]
    case .censored: return ["n.censor"]
    case .medianTime: return ["median"]
    case .restrictedMean: return ["rmst"]
    case .marginalMean: return ["emmean", "estimate"]
    case .varianceComponent: return ["vcov"]
    case .correlation: return ["sdcor", "correlation"]
    case .logLikelihood: return ["logLik"]
    case .criterion: return ["remlCriterion", "logLik", "deviance", "AIC", "BIC"]
    case .risk, .riskDifference, .riskRatio, .oddsRatio, .numberNeededToTreat, .hazardRatio,
      .restrictedMeanDifference, .restrictedMeanRatio, .coefficient, .meanDifference, .meanRatio, .rateRatio,
      .test:
      return ["estimate"]
    }
  }
}

/// The search of one record's numbers.
private struct Search {
  private let wanted: [(field: String, value: Double)]
  /// The fields of which one at least must be found.
  private let main: String
  /// Words of the record: its group, term, contrast, …
  private let words: Set<String>
  private let time: Double?
  /// True where the number of participants is the record's estimate.
  private let isCount: Bool
  /// The names that the estimate may have.
  private let own: Set<String>
  /// True where the record is of some persons, and not of two groups of them.
  private let isDescription: Bool
  private var score = 0.0
  private(set) var best: [NumberLocation] = []
  /// The objects around the best one, from the outermost.
  private(set) var enclosing: [Place] = []

  typealias Place = (path: String, value: JSONValue)

  init(_ record: JSONValue) {
    wanted = NumberLocation.fields.compactMap { name in record[name]?.double.map { (name, $0) } }
    main = ["estimate", "p.value", "statistic"].first { record[$0]?.double != nil } ?? "n"
    var words: Set<String> = []
    for name in ["group", "term", "contrast", "variant"] {
      guard let text = record[name]?.text else { continue }
      words.insert(text)
      // `age=25`, `arm=yes`, `yes - no` say the same in parts.
      for part in text.split(whereSeparator: { "= /:".contains($0) }) { words.insert(String(part)) }
    }
    if let measure = record["measure"]?.text { words.insert(measure) }
    self.words = words
    time = record["time"]?.double
    let measure = record["measure"]?.text.flatMap(Result.Measure.init(rawValue:))
    isCount = measure == .count && record["n"]?.double == record["estimate"]?.double
    isDescription = record["contrast"]?.text == nil && measure.map(Self.describes) == true
    own = measure.map { NumberLocation.names(of: $0, term: record["term"]?.text ?? "") } ?? ["estimate"]
  }

  private static func describes(_ measure: Result.Measure) -> Bool {
    switch measure {
    case .count, .share, .mean, .standardDeviation, .median, .lowerQuartile, .upperQuartile, .minimum,
      .maximum,
      .risk:
      true
    default: false
    }
  }

  /// Looks at an object and everything in it.
  ///
  /// - Parameter context: the texts of the objects around it.
  mutating func visit(_ value: JSONValue, path: String, context: [JSONValue], inside: [Place] = []) {
    switch value {
    case .object(let members):
      consider(members, path: path, context: context, inside: inside)
      let inner = context + members.map(\.value).filter { $0.text != nil || $0.double != nil }
      let places = inside + [(path, value)]
      for member in members {
        visit(member.value, path: Self.path(path, member.name), context: inner, inside: places)
      }
    case .array, .records:
      for (i, element) in value.elements.enumerated() {
        visit(element, path: "\(path)[\(i)]", context: context, inside: inside)
      }
    default: break
    }
  }

  /// A path with one more member.
  private static func path(_ path: String, _ name: String) -> String {
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return path + (isPlain ? ".\(name)" : (path.isEmpty ? "." : "") + "[\"\(name)\"]")
  }

  private mutating func consider(
    _ members: [JSONValue.Member], path: String, context: [JSONValue], inside: [Place]
  ) {
    let numbers = members.compactMap { member in member.value.double.map { (member.name, $0) } }
    guard !numbers.isEmpty else { return }
    // A share of zero is not the difference of zero beside it.
    if isDescription, members.contains(where: { $0.name == "contrast" && $0.value.text != nil }) { return }
    var found: [NumberLocation] = []
    var score = 0.0
    for (field, value) in wanted {
      var candidates: [(name: String, transform: NumberLocation.Transform, score: Double)] = []
      for (name, number) in numbers {
        guard let transform = Self.transform(number, to: value, field) else { continue }
        let isNamed =
          field == "estimate"
          ? own.contains(name)
          : name == field || field == "n" && isCount && own.contains(name)
            || NumberLocation.aliases[field]?.contains(name) == true
        // What the record is about is looked for under its own names; small whole numbers equal many others by chance.
        guard isNamed || field != main && value != value.rounded() else { continue }
        let isSame = transform == .same
        // A median is looked for under its own name before others that happen to equal it.
        let isMeasure = words.contains(name)
        candidates.append(
          (name, transform, (isNamed ? 1.5 : 0.5) + (isMeasure ? 1 : 0) + (isSame ? 0.5 : 0)))
      }
      guard let best = candidates.max(by: { $0.score < $1.score }) else { continue }
      found.append(
        NumberLocation(field: field, path: Self.path(path, best.name), transform: best.transform))
      score += best.score + (field == main ? 4 : 0)
    }
    guard found.contains(where: { $0.field == main }) else { return }
    let around = context + members.map(\.value)
    let isOfTime = time.map { time in
      around.contains { $0.double == time || $0.text == NumberText.significant(time) }
    }
    // A place that is of a time is of this one.
    if isOfTime == false, members.contains(where: { $0.name == "time" }) || own.isSubset(of: Self.timed) {
      return
    }
    let texts = Set(around.compactMap(\.text))
    score += Double(words.intersection(texts).count) * 2
    score += Double(texts.count { text in words.contains { text.hasSuffix("=\($0)") } })
    if isOfTime == true { score += 2 }
    if score > self.score {
      self.score = score
      best = found
      enclosing = inside
    }
  }

  /// Names of numbers that are always of a time.
  private static let timed: Set<String> = ["n.risk", "n.censor", "events", "n.event", "observed", "expected"]

  private static func transform(_ number: Double, to value: Double, _ field: String)
    -> NumberLocation.Transform?
  {
    if number == value { return .same }
    if number == -value { return .opposite }
    if field == "std.error", number > 0, number.squareRoot() == value { return .root }
    return nil
  }
}
