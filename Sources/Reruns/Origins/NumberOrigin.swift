import ModelFormula
import Serialisation
import TrialAnalysis
import TrialData
import TrialReport

/// Where one number of a run comes from, all the way from the bytes of the data to the printed digits.
public struct NumberOrigin: Sendable {
  public let folder: RunFolder
  /// The record as `results.json` has it.
  public let record: JSONValue
  /// The cell of a table that was asked about.
  public let cell: RunContents.Cell?
  /// How its analysis came about when carried out once more; nil where the data are not at hand.
  public let origin: AnalysisOrigin?
  /// True where the analysis, carried out once more, gives the record with the same bits; nil where it was not.
  public let isReproduced: Bool?
  /// The command that gives its numbers again.
  public let refit: Refit?
  /// Counts above zero and below this are not told.
  public let floor: Int
  /// Where the data are; nil where they are not at hand.
  let place: RunFolder.DataPlace?

  /// True where the plan's floor hides the record.
  public var isSuppressed: Bool { record["suppressed"] == true }

  /// Traces a record.
  ///
  /// - Parameter data: the data, where they are not where the run's record says.
  /// - Throws: `DataError` where the run's own plan or codebook cannot be read.
  init(
    _ record: JSONValue, cell: RunContents.Cell?, in folder: RunFolder, data: String?
  ) throws {
    self.folder = folder
    self.record = record
    self.cell = cell
    let plan = try PlanRunner.plan(text: folder.plan.text, file: folder.plan.path)
    floor = plan.suppressionFloor
    place = folder.dataPlace(given: data)
    guard record["suppressed"] != true, let place else {
      (origin, isReproduced, refit) = (nil, nil, nil)
      return
    }
    let prepared = try folder.ingredients(data: place).prepare()
    let found = try PlanRunner(plan: plan, dataDirectory: "").origin(
      of: record["analysis"]?.text ?? "", on: prepared, seed: folder.seed)
    origin = found
    guard let found, let again = found.analysis.results.first(where: { $0.id == record["id"]?.text }) else {
      (isReproduced, refit) = (false, nil)
      return
    }
    // Through its text, as the other one came.
    isReproduced = try JSONValue(parsing: again.json.text(indented: false)) == record
    refit = Refit.find(record, in: found)
  }

  /// The part of the analysis that the record belongs to.
  public var part: AnalysisOrigin.Part? { origin?.part(of: record["variant"]?.text) }

  /// How many of the set's rows miss a value, by column, among the columns that the number rests on.
  public var missing: [(column: String, count: Int)] {
    guard let part, let origin else { return [] }
    let fitted = origin.fits.first {
      $0.variant == record["variant"]?.text && record["formula"]?.text != nil
    }
    let frame = fitted?.request.data ?? part.frame
    let names = fitted == nil ? RefitCandidates(record: record, origin: origin).described : frame.names
    return names.compactMap { name in
      guard let column = frame[name] else { return nil }
      let count = (0..<frame.rowCount).count { column.isMissing(at: $0) }
      return count > 0 ? (name, count) : nil
    }
  }
}

/// Why a reference leads to no number.
public struct ReferenceError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

extension NumberOrigin {
  /// Traces what a reference names: a record by its id, or every record in a cell `TABLE:ROW:COLUMN`.
  ///
  /// A row and a column are given by name, by label as printed, or by number from 1.
  /// - Throws: `ReferenceError` with the nearest names; `DataError`.
  public static func trace(
    _ reference: String, in folder: RunFolder, data: String? = nil
  ) throws -> [NumberOrigin] {
    let contents = try RunContents(files: folder.files, in: folder.path)
    if let record = contents.records[reference] {
      return [try NumberOrigin(record, cell: nil, in: folder, data: data)]
    }
    guard let cell = try TableReference(reference).cell(in: folder) else {
      throw ReferenceError(description: unknown(reference, contents, folder))
    }
    guard !cell.records.isEmpty else {
      throw ReferenceError(description: "\(reference): the cell \"\(cell.text)\" holds no number of a record")
    }
    return try cell.records.compactMap { contents.records[$0] }.map {
      try NumberOrigin($0, cell: cell, in: folder, data: data)
    }
  }

  private static func unknown(_ reference: String, _ contents: RunContents, _ folder: RunFolder) -> String {
    let cells = contents.cells.filter { !$0.cell.row.isEmpty }.map(\.cell.name)
    let near = nearest(to: reference, among: contents.ids + cells)
    if near.isEmpty, let table = TableReference(reference).table(in: folder) {
      return "\(reference): \(table.name) has no such row and column; its columns are "
        + table.columns.joined(separator: " | ") + ", its rows are numbered from 1"
    }
    let tables = folder.files.keys.filter { $0.hasPrefix("tables/") && $0.hasSuffix(".json") }.sorted()
      .map { String($0.dropFirst("tables/".count).dropLast(".json".count)) }
    return "\(reference): no record of that id and no cell TABLE:ROW:COLUMN"
      + (near.isEmpty ? "." : "; did you mean \(near[0])?") + " Tables: \(tables.joined(separator: ", "))"
  }
}

/// `TABLE:ROW:COLUMN`, each by name, label or number.
///
/// A number counts from 1; where a row or column is itself named by a number, such as a visit, `#3` is the third.
struct TableReference {
  private let text: String

  init(_ text: String) { self.text = Self.plain(text) }

  /// A text without the hard spaces of print, which nobody types.
  private static func plain(_ text: String) -> String { text.replacing("\u{00A0}", with: " ") }

  /// A cell that the reference may mean, and how closely it names it.
  private struct Match {
    var row: Int
    var column: Int
    /// 0 for names, more for labels and numbers.
    var rank: Int
    var cell: RunContents.Cell
  }

  /// The table that the reference names, with the labels of its columns; nil where there is none.
  func table(in folder: RunFolder) -> (name: String, columns: [String])? {
    guard let colon = text.firstIndex(of: ":"), let file = folder.files["tables/\(text[..<colon]).json"],
      let json = try? JSONValue(parsing: file)
    else { return nil }
    let columns = (json["columns"]?.elements ?? []).compactMap { column in
      Self.names(column, 0).first { $0.rank == 1 }?.text
    }
    return (String(text[..<colon]), columns)
  }

  /// The cell; nil where the tables of a run have none such.
  ///
  /// - Throws: `ReferenceError` where several cells answer to it and none more closely.
  func cell(in folder: RunFolder) throws -> RunContents.Cell? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let table = String(text[..<colon])
    let rest = text[text.index(after: colon)...]
    guard let file = folder.files["tables/\(table).json"] else { return nil }
    let matches = try Self.matches(of: rest, in: JSONValue(parsing: file), table)
    guard let closest = matches.map(\.rank).min() else { return nil }
    let best = matches.filter { $0.rank == closest }
    guard best.allSatisfy({ $0.cell.records == best[0].cell.records }) else {
      let numbers = best.map { "\(table):#\($0.row + 1):#\($0.column + 1)" }
      throw ReferenceError(
        description: "\(text): several cells have that name: \(numbers.joined(separator: ", "))")
    }
    return best[0].cell
  }

  private static func matches(of rest: Substring, in json: JSONValue, _ table: String) -> [Match] {
    let columns = json["columns"]?.elements ?? []
    var found: [Match] = []
    for (i, row) in (json["rows"]?.elements ?? []).enumerated() {
      for (name, rowRank) in names(row, i) where rest.hasPrefix(name + ":") {
        let wanted = String(rest.dropFirst(name.count + 1))
        for (j, column) in columns.enumerated() {
          guard let columnRank = names(column, j).first(where: { $0.text == wanted })?.rank,
            let cell = row["cells"]?.elements.dropFirst(j).first
          else { continue }
          found.append(
            Match(
              row: i, column: j, rank: rowRank + columnRank,
              cell: RunContents.Cell(
                table: table, row: row["label"]?.text ?? "", column: column["label"]?.text ?? "",
                text: cell["text"]?.text ?? "", records: (cell["records"]?.elements ?? []).compactMap(\.text))
            ))
        }
      }
    }
    return found
  }

  /// The names of a row or column, the closest first.
  private static func names(_ member: JSONValue, _ index: Int) -> [(text: String, rank: Int)] {
    let label = member["label"]?.text
    // A line below a heading says its part only; one of the same label on the margin is meant first.
    let isIndented = (member["indent"]?.double ?? 0) > 0
    let spanned = member["spanner"]?.text.flatMap { spanner in label.map { "\(spanner): \($0)" } }
    let texts: [(String?, Int)] = [
      ("#\(index + 1)", 0), (member["name"]?.text, 0), (spanned, 1), (label, isIndented ? 2 : 1),
      (String(index + 1), 3),
    ]
    return texts.compactMap { text, rank in text.map { (plain($0), rank) } }
  }
}
