import ModelFormula
import Serialisation

/// The rows of persons' time that a model of event times sees, after the options that change them: covariates that change at
/// stated times (`--changes`), splits at fixed times (`--split-at`), and a landmark (`--landmark`), in this order.
struct SurvivalEpisodes {
  /// The request on the changed rows; the one given where no option changes them.
  private(set) var request: ModelRequest
  /// Rows dropped on the way for a missing value, or because the filter could not be decided.
  private(set) var missing = 0
  private(set) var filterMissing = 0
  private(set) var conventions: [(String, String)] = []
  private(set) var sections: [JSONValue.Member] = []
  private(set) var warnings: [String] = []
  /// The texts of the status of the rows as they were.
  private(set) var statusLevels: [String]?

  init(_ request: ModelRequest) throws {
    self.request = request
    let options = request.options.survival
    if options.changes != nil || !options.cuts.isEmpty { try split() }
    if let time = options.landmark { try follow(from: time) }
  }

  /// Rows with their time and status as plain columns, cut or chosen.
  private struct Row {
    var source: Int
    var start: Double
    var stop: Double
    var status: Int32
  }

  private static let start = "(start)"
  private static let stop = "(stop)"
  private static let status = "(status)"

  /// Puts rows in the place of the request's.
  private mutating func replace(_ rows: [Row], hasStart: Bool, columns: [(String, Column)] = []) {
    var data = request.data.selecting(rows: rows.map(\.source))
    if hasStart { data[Self.start] = .numeric(rows.map(\.start)) }
    data[Self.stop] = .numeric(rows.map(\.stop))
    // As categories the first level is censoring, whichever values are left; numbers 1 and 2 alone would be read anew.
    let last = Int(rows.map(\.status).max() ?? 1)
    data[Self.status] = .categorical(
      codes: rows.map(\.status), levels: (0...max(1, last)).map { "cause \($0)" })
    for (name, column) in columns { data[name] = column }
    let right = request.formula.drop { $0 != "~" }
    request.formula =
      "Surv(" + (hasStart ? "`\(Self.start)`, " : "") + "`\(Self.stop)`, `\(Self.status)`) " + right
    request.data = data
    // The filter has been applied.
    request.options.filter = nil
  }

  /// The time and status of every row that the filter keeps and whose time and status are known.
  private mutating func times(of formula: String) throws -> (frame: ModelFrame, response: SurvivalResponse) {
    var plain = request
    plain.formula = formula
    plain.options.weights = nil
    plain.options.cluster = nil
    let frame = try plain.frame()
    missing += frame.missingCount
    filterMissing += frame.filterMissingCount
    let response = try frame.survivalResponse(singleCause: false)
    if statusLevels == nil { statusLevels = response.statusLevels }
    return (frame, response)
  }

  private var responseText: String {
    String(request.formula.prefix { $0 != "~" })
  }

  // MARK: Splitting

  private mutating func split() throws {
    let options = request.options
    let (frame, response) = try times(of: responseText + "~ 1")
    let persons = try options.survival.changes.map { changes in
      try CovariateChanges(changes, id: options.id, data: request.data)
    }
    var rows: [Row] = []
    var episode: [Double] = []
    // For each covariate that changes, the row of `changes` in force in each new row; −1 for none yet.
    var inForce = [[Int]](repeating: [], count: persons?.covariates.count ?? 0)
    for (i, source) in frame.rows.enumerated() {
      let start = response.start?[i] ?? 0
      let stop = response.stop[i]
      let changes = persons?.changes(ofRow: source) ?? []
      let cuts = Set(options.survival.cuts + changes.map(\.time)).filter { $0 > start && $0 < stop }
      let ends = cuts.sorted() + [stop]
      var from = start
      for end in ends {
        rows.append(
          Row(source: source, start: from, stop: end, status: end == stop ? response.status[i] : 0))
        episode.append(Double(options.survival.cuts.count { $0 <= from } + 1))
        for k in inForce.indices {
          inForce[k].append(changes.last { $0.time <= from && persons!.isKnown(k, $0.row) }?.row ?? -1)
        }
        from = end
      }
    }
    var columns: [(String, Column)] = []
    if let persons {
      let sources = rows.map(\.source)
      columns = try persons.covariates.enumerated().map { k, name in
        (name, try persons.column(k, inForce[k], base: request.data[name]?.selecting(rows: sources)))
      }
      if persons.unmatched > 0 {
        warnings.append("\(persons.unmatched) rows of --changes belong to no row of the data")
      }
      conventions.append(("changing covariates", "value in force from just after its time"))
    }
    if !options.survival.cuts.isEmpty {
      columns.append(("episode", .numeric(episode)))
      conventions.append(("split at", options.survival.cuts.map(numberText).joined(separator: ", ")))
    }
    sections.append(
      .init(
        "episodes",
        .object([.init("rows", .integer(frame.rowCount)), .init("episodes", .integer(rows.count))])))
    replace(rows, hasStart: true, columns: columns)
  }

  // MARK: Landmark

  private mutating func follow(from landmark: Double) throws {
    guard landmark > 0 else {
      throw FitRequestError.badValue(
        option: "--landmark", value: numberText(landmark), expected: "a time above 0")
    }
    let (frame, response) = try times(of: request.formula)
    let groups = try? frame.parts[0].grouping()
    let labels = groups?.labels ?? ["all"]
    var counts = [[Int]](repeating: [0, 0, 0], count: labels.count)
    var rows: [Row] = []
    for (i, source) in frame.rows.enumerated() {
      let group = Int(groups?.codes[i] ?? 0)
      // An event at the landmark itself is before it: persons are followed on (landmark, …).
      if response.stop[i] > landmark {
        rows.append(
          Row(
            source: source, start: max(0, (response.start?[i] ?? landmark) - landmark),
            stop: response.stop[i] - landmark, status: response.status[i]))
        counts[group][0] += 1
      } else {
        counts[group][response.status[i] != 0 ? 1 : 2] += 1
      }
    }
    guard !rows.isEmpty else {
      throw FitRequestError.notEstimable("--landmark \(numberText(landmark)): nobody is followed beyond it")
    }
    let isGrouped = labels.count <= 20
    let shown =
      isGrouped
      ? Array(zip(labels, counts))
      : [("all", counts.reduce([0, 0, 0]) { zip($0, $1).map { $0 + $1 } })]
    sections.append(
      .init(
        "landmark",
        .array(
          shown.map { label, count in
            [
              "group": .string(label), "kept": .integer(count[0]), "eventBefore": .integer(count[1]),
              "censoredBefore": .integer(count[2]),
            ]
          })))
    let dropped = counts.reduce(0) { $0 + $1[1] + $1[2] }
    if dropped > 0 {
      let events = counts.reduce(0) { $0 + $1[1] }
      warnings.append(
        "landmark \(numberText(landmark)): \(dropped) rows dropped, \(events) with an event and \(dropped - events) censored by then"
      )
    }
    conventions.append(("landmark", numberText(landmark)))
    conventions.append(("time", "since the landmark"))
    replace(rows, hasStart: response.start != nil)
  }
}

/// The rows of `--changes` by person.
private struct CovariateChanges {
  let covariates: [String]
  /// Rows that belong to nobody in the data.
  let unmatched: Int
  private let table: DataFrame
  private let byPerson: [[(time: Double, row: Int)]]
  private let personOfRow: [Int]

  init(_ table: DataFrame, id: String?, data: DataFrame) throws {
    guard let id else {
      throw FitRequestError.badValue(
        option: "--changes", value: "no --id",
        expected: "--id VAR, the column that names the person in both files")
    }
    for (frame, place) in [(data, "--data"), (table, "--changes")] where frame[id] == nil {
      throw FitRequestError.badValue(
        option: "--id", value: id, expected: "a column of the file of \(place)")
    }
    guard case .numeric(let times)? = table["time"] else {
      throw FitRequestError.badValue(
        option: "--changes", value: "no numeric column \"time\"",
        expected: "columns \(id), time and the covariates that change")
    }
    covariates = table.names.filter { $0 != id && $0 != "time" }
    let own = Self.keys(data[id]!)
    var place: [String: Int] = [:]
    for key in own where place[key] == nil { place[key] = place.count }
    personOfRow = own.map { place[$0]! }
    var lists = [[(time: Double, row: Int)]](repeating: [], count: place.count)
    var unmatched = 0
    for (row, key) in Self.keys(table[id]!).enumerated() {
      guard let person = place[key], !times[row].isNaN else {
        unmatched += 1
        continue
      }
      lists[person].append((times[row], row))
    }
    byPerson = lists.map { list in list.sorted { ($0.time, $0.row) < ($1.time, $1.row) } }
    self.unmatched = unmatched
    self.table = table
  }

  func changes(ofRow row: Int) -> [(time: Double, row: Int)] { byPerson[personOfRow[row]] }

  /// Whether a covariate has a value in a row of the table; where it has none, the value before stays.
  func isKnown(_ covariate: Int, _ row: Int) -> Bool { !table[covariates[covariate]]!.isMissing(at: row) }

  /// The covariate's values: those in force, or the data's own before the first change.
  func column(_ covariate: Int, _ rows: [Int], base: Column?) throws -> Column {
    let name = covariates[covariate]
    let own = table[name]!
    if case .numeric(let values) = own {
      var before = [Double](repeating: .nan, count: rows.count)
      if let base {
        guard case .numeric(let given) = base else { throw Self.differs(name) }
        before = given
      }
      return .numeric(rows.enumerated().map { $1 < 0 ? before[$0] : values[$1] })
    }
    guard case .categorical(let codes, let levels) = own.asCategorical else { throw Self.differs(name) }
    var known = levels
    var beforeCodes = [Int32](repeating: Column.missingCode, count: rows.count)
    if let base {
      guard case .categorical(let given, let givenLevels) = base.asCategorical else {
        throw Self.differs(name)
      }
      // The data's order of levels first, for they name the reference.
      known = givenLevels + levels.filter { !givenLevels.contains($0) }
      beforeCodes = given
    }
    let recoding = levels.map { Int32(known.firstIndex(of: $0)!) }
    return .categorical(
      codes: rows.enumerated().map { $1 < 0 ? beforeCodes[$0] : recoding[Int(codes[$1])] }, levels: known)
  }

  private static func differs(_ name: String) -> FitRequestError {
    .notEstimable("--changes: \"\(name)\" is numeric in one file and categorical in the other")
  }

  /// A text for each value, by which persons of the two files are matched.
  private static func keys(_ column: Column) -> [String] {
    switch column {
    case .numeric(let values): values.map { numberText($0) }
    case .text(let values): values.map { $0 ?? "" }
    case .date(let days): days.map { String($0) }
    case .categorical(let codes, let levels): codes.map { $0 < 0 ? "" : levels[Int($0)] }
    }
  }
}
