import ModelFormula
import TrialData

/// A table of an analysis as a CSV file, with the arguments that make a command read it as the analysis did.
///
/// Texts (the participants' keys in a mixed model) are written as their ranks among the distinct ones: a model needs to know
/// which rows belong together and in which order, and nobody needs the keys.
struct FrameExport {
  let bytes: [UInt8]
  /// `--factor` and `--levels` for the columns that their texts alone would not give again.
  let arguments: [String]

  /// - Returns: nil where a level cannot be written so that it is read back: one that means missing.
  init?(_ frame: DataFrame) {
    var frame = frame
    var arguments: [String] = []
    for name in frame.names {
      if case .text(let texts)? = frame[name] { frame[name] = Self.ranks(texts) }
      guard case .categorical(let codes, let levels)? = frame[name] else { continue }
      let seen = Set(codes)
      let present = levels.indices.filter { seen.contains(Int32($0)) }.map { levels[$0] }
      guard !present.contains(where: { $0.isEmpty || $0 == "NA" }) else { return nil }
      let isNumeric = !present.isEmpty && present.allSatisfy { Double($0) != nil }
      if isNumeric { arguments += ["--factor", name] }
      let sorted =
        isNumeric
        ? present.sorted { Double($0)! < Double($1)! }
        : present.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
      if sorted != present { arguments += ["--levels", LevelOrder(variable: name, levels: present).text] }
    }
    self.arguments = arguments
    bytes = Self.bytes(of: frame)
  }

  /// Texts as categories 1, 2, … in the order in which they would sort as categories.
  private static func ranks(_ texts: [String?]) -> Column {
    guard case .categorical(let codes, let levels) = Column.categorical(texts) else { return .text(texts) }
    return .categorical(codes: codes, levels: levels.indices.map { String($0 + 1) })
  }

  private static func bytes(of frame: DataFrame) -> [UInt8] {
    var writer = CSVWriter(capacity: 16 * frame.rowCount * max(1, frame.names.count))
    writer.row(frame.names)
    let columns = frame.names.compactMap { frame[$0] }
    for row in 0..<frame.rowCount {
      for column in columns {
        guard !column.isMissing(at: row) else {
          writer.field("NA")
          continue
        }
        switch column {
        case .numeric(let values): writer.field(values[row])
        case .categorical(let codes, let levels): writer.field(levels[Int(codes[row])])
        case .date(let days): writer.field(CalendarDay(number: days[row]).iso)
        case .text: writer.field("NA")
        }
      }
      writer.endRow()
    }
    return writer.bytes
  }

  /// The file as a command reads it with the arguments.
  ///
  /// - Throws: `DataError`, `FormulaError`.
  func reread(path: String) throws -> DataFrame {
    var frame = try DelimitedFile(bytes: bytes, path: path).read().frame
    var rest = arguments[...]
    while let option = rest.popFirst(), let value = rest.popFirst() {
      if option == "--factor" {
        try frame.makeCategorical(value)
      } else if let order = LevelOrder(parsing: value, among: frame.names) {
        try frame.setLevels(of: order.variable, to: order.levels)
      }
    }
    return frame
  }
}
