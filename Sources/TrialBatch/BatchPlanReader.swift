import ModelFitting
import ModelFormula
import TrialAnalysis
import TrialData
import TrialReport
import Yams

/// Reads a batch file.
struct BatchPlanReader {
  private let faults: YAMLFaults

  /// Reads a batch from its text.
  ///
  /// - Throws: `DataError` with every fault of the file.
  static func read(_ text: String, file: String) throws(DataError) -> BatchPlan {
    let faults = YAMLFaults(file: file)
    let root = try YAMLMapping.root(of: text, faults: faults)
    let plan = BatchPlanReader(faults: faults).plan(root, file: file)
    try faults.throwIfAny()
    return plan
  }

  private func plan(_ root: YAMLMapping, file: String) -> BatchPlan {
    let id = root.requiredText("batch")
    if let id { checkName(id) }
    let title = root.wording("title").map { Label($0) }
    let trial = root.requiredText("trial")?.value ?? ""
    let analyses = root.has("analyses") ? root.texts("analyses") : nil
    let axes = axes(root)
    let skipped = root.mappings("skip").map { skip($0, axes: axes) }
    let curves = root.mappings("curves").map { curve($0) }
    root.finish()
    return BatchPlan(
      file: file, id: id?.value ?? "", title: title ?? Label(id?.value ?? ""), trial: trial,
      analyses: analyses, axes: axes, skipped: skipped, curves: curves)
  }

  private func axes(_ root: YAMLMapping) -> [BatchPlan.Axis] {
    var axes: [BatchPlan.Axis] = []
    for mapping in root.mappings("grid") {
      let id = mapping.requiredText("axis")
      if let id {
        checkName(id)
        // The names of columns in SQL are the same in capitals.
        if axes.contains(where: { $0.id.lowercased() == id.value.lowercased() }) {
          faults.note("the axis '\(id.value)' twice", expected: "distinct names expected", at: id.place)
        }
        if StackedResults.reservedColumns.contains(id.value.lowercased()) {
          faults.note(
            "found '\(id.value)'", expected: "a name that no column of the results has expected", at: id.place
          )
        }
      }
      let options = options(mapping)
      if options.isEmpty {
        faults.note("no options", expected: "at least one expected", at: mapping.place(of: "options"))
      }
      axes.append(
        BatchPlan.Axis(
          id: id?.value ?? "", label: mapping.wording("label").map { Label($0) } ?? Label(id?.value ?? ""),
          options: options))
      mapping.finish()
    }
    if axes.isEmpty {
      faults.note("no grid", expected: "at least one axis under 'grid' expected", at: root.place(of: "grid"))
    }
    return axes
  }

  private func options(_ axis: YAMLMapping) -> [BatchPlan.Option] {
    var options: [BatchPlan.Option] = []
    for mapping in axis.mappings("options") {
      let id = mapping.requiredText("id")
      if let id {
        checkName(id)
        if options.contains(where: { $0.id == id.value }) {
          faults.note("the option '\(id.value)' twice", expected: "distinct ids expected", at: id.place)
        }
      }
      var option = BatchPlan.Option(
        id: id?.value ?? "", label: mapping.wording("label").map { Label($0) } ?? Label(id?.value ?? ""),
        place: mapping.place)
      option.plan = mapping.text("plan")?.value
      option.data = mapping.text("data")
      option.filter = filter(mapping)
      if mapping.has("covariates") {
        option.covariates = mapping.texts("covariates").map(\.value).filter { !$0.isEmpty }
      }
      option.seed = mapping.integer("seed")
      if let seed = option.seed, seed < 0 {
        faults.note(
          "found '\(seed)'", expected: "a whole number from 0 expected", at: mapping.place(of: "seed"))
      }
      option.conventions = mapping.choice("conventions", ConventionProfile.self)
      option.settings = settings(mapping)
      mapping.finish()
      options.append(option)
    }
    return options
  }

  /// A condition that can be read; whether the data have its columns is for each cell to say.
  private func filter(_ option: YAMLMapping) -> String? {
    guard let text = option.text("filter") else { return nil }
    do throws(FormulaError) {
      _ = try Expression(parsing: text.value)
    } catch {
      faults.note(
        "found '\(text.value)' (\(error.description.prefix { !$0.isNewline }))",
        expected: "a condition on the participant's row expected",
        at: text.place)
    }
    return text.value
  }

  private func settings(_ option: YAMLMapping) -> [BatchPlan.Setting] {
    guard let mapping = option.mapping("set") else { return [] }
    return mapping.keys.compactMap { key in
      do throws(PlanEdit.Mismatch) {
        try PlanEdit.checkPath(key.value)
      } catch {
        faults.note(
          "found '\(key.value)' (\(error.reason))",
          expected: "a path such as analyses[job-cox].ties expected", at: key.place)
      }
      return mapping.node(key.value).map { BatchPlan.Setting(path: key, value: PlanEdit.text(of: $0)) }
    }
  }

  private func skip(_ mapping: YAMLMapping, axes: [BatchPlan.Axis]) -> [String: String] {
    var combination: [String: String] = [:]
    for axis in axes {
      guard let option = mapping.text(axis.id) else { continue }
      if !axis.options.contains(where: { $0.id == option.value }) {
        mapping.noteUnknown(option, among: axis.options.map(\.id))
      }
      combination[axis.id] = option.value
    }
    mapping.finish()
    if combination.isEmpty {
      faults.note("a combination of nothing", expected: "an option of an axis expected", at: mapping.place)
    }
    return combination
  }

  private func curve(_ mapping: YAMLMapping) -> BatchPlan.Curve {
    defer { mapping.finish() }
    let id = mapping.requiredText("id")
    if let id { checkName(id) }
    let records = mapping.texts("record").map(\.value)
    if records.isEmpty {
      faults.note(
        "no record", expected: "the id of a record of results.json expected", at: mapping.place(of: "record"))
    }
    return BatchPlan.Curve(
      id: id?.value ?? "", title: mapping.wording("title").map { Label($0) } ?? Label(id?.value ?? ""),
      records: records)
  }

  /// Names become columns and files.
  private func checkName(_ name: Placed<String>) {
    if name.value.contains(where: { !($0.isASCII && ($0.isLetter || $0.isNumber)) && $0 != "-" && $0 != "_" })
    {
      faults.note(
        "found '\(name.value)'", expected: "the letters a to z, digits, - and _ expected", at: name.place)
    }
  }
}

extension Label {
  fileprivate init(_ wording: Wording) { self.init(wording.english, nb: wording.norwegian) }
}

extension BatchPlan {
  /// Reads a batch file.
  ///
  /// - Throws: `DataError` where it cannot be read, or with every fault in it.
  public init(path: String) throws(DataError) {
    self = try BatchPlanReader.read(TextFile(path: path).text, file: path)
  }
}
