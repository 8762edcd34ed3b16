import Serialisation

/// Compares published tables cell by cell with those of a rerun.
struct TableVerification {
  let published: RunContents
  let rerun: RunContents
  /// Records whose print may differ by the plan.
  let admitted: Set<String>
  /// The files of the rerun.
  let files: [String: String]

  /// Compares a table's JSON form.
  func json(_ path: String) -> [Verification.Difference] {
    let table = path.dropFirst("tables/".count).dropLast(".json".count)
    let old = published.cells.filter { $0.cell.table == table }
    let new = rerun.cells.filter { $0.cell.table == table }
    let newByKey = Dictionary(new.map { ($0.key, $0.cell) }) { first, _ in first }
    let oldKeys = Set(old.map(\.key))
    var differences: [Verification.Difference] = []
    for (key, cell) in old {
      guard let other = newByKey[key] else {
        differences.append(.init(file: path, place: cell.name, old: cell.text, new: "nothing"))
        continue
      }
      if cell.text != other.text, !isAdmitted(other.records) {
        differences.append(.init(file: path, place: cell.name, old: cell.text, new: other.text))
      }
    }
    for (key, cell) in new where !oldKeys.contains(key) {
      differences.append(.init(file: path, place: cell.name, old: "nothing", new: cell.text))
    }
    return differences
  }

  /// Compares a table's CSV form.
  func csv(_ path: String, _ old: String, _ new: String) -> [Verification.Difference] {
    let table = String(path.dropFirst("tables/".count).dropLast(".csv".count))
    let newLines = TextComparison.split(new)
    let form = json(named: table)
    // The form for a language with a decimal comma.
    let delimiter: Character = form?["language"] == "nb" ? ";" : ","
    let heading = TextComparison.fields(newLines.first ?? "", delimiter: delimiter)
    let records = recordsByLine(form)
    return TextComparison.lines(old, new).flatMap { line -> [Verification.Difference] in
      let a = TextComparison.fields(line.old, delimiter: delimiter)
      let b = TextComparison.fields(line.new, delimiter: delimiter)
      let row = (line.new.isEmpty ? a : b).first ?? ""
      func difference(_ column: String, _ x: String, _ y: String) -> Verification.Difference {
        .init(
          file: path, line: line.number, place: "\(table):\(row)" + (column.isEmpty ? "" : ":\(column)"),
          old: x.isEmpty ? "nothing" : x, new: y.isEmpty ? "nothing" : y)
      }
      guard a.count == b.count else { return [difference("", line.old, line.new)] }
      return a.indices.filter { a[$0] != b[$0] }.compactMap { i in
        let cell = line.number - 2
        if i > 0, records.indices.contains(cell), records[cell].indices.contains(i - 1),
          isAdmitted(records[cell][i - 1])
        {
          return nil
        }
        return difference(i < heading.count ? heading[i] : "", a[i], b[i])
      }
    }
  }

  private func isAdmitted(_ records: [String]) -> Bool { records.contains(where: admitted.contains) }

  private func json(named table: String) -> JSONValue? {
    files["tables/\(table).json"].flatMap { try? JSONValue(parsing: $0) }
  }

  /// The records behind each cell of the lines that the CSV form has: all rows but headings.
  private func recordsByLine(_ table: JSONValue?) -> [[[String]]] {
    (table?["rows"]?.elements ?? []).filter { $0["heading"] != true }.map { row in
      (row["cells"]?.elements ?? []).map { ($0["records"]?.elements ?? []).compactMap(\.text) }
    }
  }
}
