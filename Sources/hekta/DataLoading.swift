import ArgumentParser
import Inference
import ModelFitting
import ModelFormula
import TrialData

/// Reads the table that a command names, with what its options say of the columns.
enum DataLoading {
  /// What a command says of the columns that it uses.
  struct ColumnUse {
    var formulas: [String]
    var conditions: [String]
    /// The columns that options name.
    var names: [String]
    /// The columns that the command makes itself, and no file need have.
    var made: [String] = []

    /// The columns among those of a file; nil where a formula takes all (`.`).
    ///
    /// - Throws: `FormulaError` for a formula or condition that does not parse, and for a name that is no column: a file of
    ///   a million rows is not read for a misspelt word.
    func columns(among known: [String]) throws(FormulaError) -> [String]? {
      var used: Set<String> = []
      var takesAll = false
      for text in formulas {
        let formula = try Formula(parsing: text)
        try formula.requireColumns(known + made)
        for part in [formula.response].compactMap({ $0 }) + formula.parts {
          used.formUnion(part.names)
          takesAll = takesAll || part.mentionsAllColumns
        }
      }
      for text in conditions {
        let condition = try Expression(parsing: text)
        try condition.requireColumns(known)
        used.formUnion(condition.names)
      }
      for name in names where !known.contains(name) {
        throw FormulaError(
          .unknownColumn, "there is no column `\(name)`", suggestions: nearest(to: name, among: known))
      }
      used.formUnion(names)
      return takesAll ? nil : known.filter(used.contains)
    }
  }

  /// Reads a CSV file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - reading: the options.
  ///   - columns: the columns the command uses, which are checked against the header before a row is read; all where nil.
  /// - Throws: `CommandFailure` with the contract's exit code.
  static func table(at path: String, reading: DataOptions, columns: ColumnUse? = nil) throws -> DataFrame {
    let options = try readingOptions(reading)
    do {
      let file = try DelimitedFile(path: path, options: options)
      let wanted = try columns.flatMap { try $0.columns(among: file.names) }
      let read = try file.read(columns: wanted)
      for warning in read.warnings.lines { Terminal.note("warning: \(warning)") }
      var table = read.frame
      for warning in file.footers(table.lines ?? []) { Terminal.note("warning: \(warning)") }
      warnOfDecoratedNumbers(in: table, at: path)
      try prepare(&table, reading: reading, allNames: file.names)
      return table
    } catch let error as DataError {
      throw CommandFailure(ExitCode(error.exitCode), error.description)
    } catch let error as FormulaError {
      throw CommandFailure(.usage, error.description)
    }
  }

  private static func prepare(
    _ table: inout DataFrame, reading: DataOptions, allNames: [String]
  ) throws {
    for name in reading.factor {
      guard allNames.contains(name) else { throw unknown(name, "--factor", allNames) }
      if table[name] != nil { try table.makeCategorical(name) }
    }
    for text in reading.levels {
      guard let order = LevelOrder(parsing: text, among: allNames) else {
        throw CommandFailure(.usage, "--levels: found \"\(text)\", expected VAR=a,b,c")
      }
      let name = order.variable
      guard allNames.contains(name) else { throw unknown(name, "--levels", allNames) }
      if table[name] != nil { try table.setLevels(of: name, to: order.levels) }
    }
    warnOfAbsentTexts(in: reading.filter, table)
  }

  /// Says where a column is categorical because each of its numbers has something beside it, as in `12 %`.
  private static func warnOfDecoratedNumbers(in table: DataFrame, at path: String) {
    for name in table.names {
      guard case .categorical(_, let levels)? = table[name], DelimitedFile.areDecoratedNumbers(levels) else {
        continue
      }
      let warning = DataProblem(
        file: path, column: name, found: "numbers with a unit, a sign or brackets beside each",
        expected: "taken as categorical")
      Terminal.note("warning: \(warning)")
    }
  }

  /// Says where a condition asks for a text that no row has: misspelt, it would hold for no row, or for every one.
  private static func warnOfAbsentTexts(in filter: String?, _ table: DataFrame) {
    guard let filter, let condition = try? Expression(parsing: filter) else { return }
    for (column, text) in condition.comparedTexts {
      guard case .categorical(_, let levels)? = table[column], !levels.contains(text) else { continue }
      Terminal.note("warning: --where: no row has \(column) \"\(text)\"")
    }
  }

  private static func unknown(_ name: String, _ option: String, _ names: [String]) -> CommandFailure {
    let near = nearest(to: name, among: names)
    return CommandFailure(
      .usage,
      "\(option): there is no column \"\(name)\""
        + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
  }

  private static func readingOptions(_ reading: DataOptions) throws -> ReadingOptions {
    let delimiter: Delimiter? =
      switch reading.delimiter {
      case "auto": nil
      case ",": .comma
      case ";": .semicolon
      case "tab", "\t": .tab
      default:
        throw CommandFailure(
          .usage, "--delimiter: found \"\(reading.delimiter)\", expected auto, a comma, a semicolon or tab")
      }
    let decimal: DecimalMark? =
      switch reading.decimal {
      case "auto": nil
      case ".": .point
      case ",": .comma
      default: throw CommandFailure(.usage, "--decimal: found \"\(reading.decimal)\", expected auto, . or ,")
      }
    return ReadingOptions(delimiter: delimiter, decimalMark: decimal, missing: reading.missing)
  }

  /// The columns that formulas, conditions and options name.
  static func columns(
    formulas: [String], conditions: [String], names: [String?], made: [String] = []
  ) -> ColumnUse {
    ColumnUse(formulas: formulas, conditions: conditions, names: names.compactMap { $0 }, made: made)
  }

  /// Runs a fit and turns its errors into the contract's: requests that cannot be carried out (64), rows that a model
  /// cannot take (65, with file, line and column).
  static func reportingProblems<T>(in path: String, of table: DataFrame, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as FormulaError {
      throw CommandFailure(
        error.kind == .noRows || error.kind == .notFinite ? .badData : .usage, error.description)
    } catch let error as FitRequestError {
      throw CommandFailure(.usage, error.description)
    } catch let error as MarginalMeansError {
      throw CommandFailure(.usage, error.description)
    } catch let error as DataRowError {
      let problems = error.faults.map { fault in
        DataProblem(
          file: path, line: table.lines?[fault.row], column: fault.column, found: fault.found,
          expected: fault.expected)
      }
      throw CommandFailure(.badData, DataError(problems).description)
    }
  }
}
