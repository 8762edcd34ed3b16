import ModelFitting
import Serialisation
import TrialAnalysis
import TrialData
import TrialReport

/// Published results set beside a rerun of their plan.
///
/// Every record is compared at full precision, with the tolerance that the plan gives its kind (by default: they print
/// alike); every table and figure file that was published is compared as a reader sees it. The records, a table or a
/// figure that was not published is missed; a form of all tables, or the page, is not.
public struct Verification: Sendable {
  /// One thing that is not as it was published.
  public struct Difference: Sendable, Equatable {
    /// The published file, below its folder.
    public var file: String
    /// The line of that file, where it has one.
    public var line: Int?
    /// `table:row:column`, the name of a record and its field, or the file.
    public var place: String
    /// As published.
    public var old: String
    /// As the rerun has it.
    public var new: String

    /// `linkage-risk:Risk ratio:Estimate 3.37 → 3.38`.
    public var text: String { "\(place) \(old) → \(new)" }
  }

  public let folder: RunFolder
  public internal(set) var differences: [Difference] = []
  /// What is worth knowing although nothing differs: other data, another version.
  public internal(set) var notes: [String] = []
  public internal(set) var recordCount = 0
  public internal(set) var fileCount = 0
  /// Records that differ within their tolerance.
  public internal(set) var admitted: Set<String> = []
  /// The largest relative difference among those, of numbers not zero.
  public internal(set) var largestAdmitted = 0.0

  /// Compares.
  ///
  /// - Parameters:
  ///   - folder: what was published.
  ///   - run: the rerun.
  ///   - isExact: true to demand every bit of every record.
  /// - Throws: `DataError` where a published file cannot be parsed.
  public init(_ folder: RunFolder, against run: TrialRun, isExact: Bool = false) throws(DataError) {
    self.folder = folder
    let plan = try PlanRunner.plan(text: run.ingredients.plan.text, file: run.ingredients.plan.path)
    var files: [String: String] = [:]
    for file in run.files() { files[file.path] = file.text }
    let published = try RunContents(files: folder.files, in: folder.path)
    let rerun = try RunContents(files: files)
    let numbers = NumberComparison(run.outcome.run, plan: plan.verification, isExact: isExact)
    if folder.files["results.json"] != nil { compareRecords(published, rerun, numbers) }
    var tables = TableVerification(
      published: published, rerun: rerun, admitted: loosened(published, numbers), files: files)
    for path in folder.files.keys.sorted() where path != "results.json" {
      fileCount += 1
      guard let new = files[path] else {
        differences.append(.init(file: path, place: path, old: "published", new: "not made"))
        continue
      }
      compare(path, folder.files[path]!, new, &tables)
    }
    for path in files.keys.sorted() where folder.files[path] == nil && isMissed(path) {
      differences.append(.init(file: path, place: path, old: "not published", new: "made"))
    }
    differences = Self.withoutEchoes(differences)
    noteInputs(run)
  }

  // MARK: Records

  private mutating func compareRecords(
    _ published: RunContents, _ rerun: RunContents, _ numbers: NumberComparison
  ) {
    recordCount = published.ids.count
    func add(_ id: String, _ old: String, _ new: String) {
      differences.append(.init(file: "results.json", place: id, old: old, new: new))
    }
    for change in RecordChange.between(published, rerun) {
      switch change.kind {
      case .added: add(change.id, "not published", "made")
      case .removed: add(change.id, "published", "not made")
      case .changed:
        let measure = rerun.records[change.id]?["measure"]?.text.flatMap(Result.Measure.init(rawValue:))
        for field in change.fields {
          if numbers.agrees(field, measure: measure) {
            admitted.insert(change.id)
            if let (old, new) = field.numbers, old != 0 {
              largestAdmitted = max(largestAdmitted, abs(new - old) / abs(old))
            }
          } else if let members = field.members {
            for member in members { add("\(change.id) \(member.name)", member.old, member.new) }
          } else {
            let old = FieldChange.short(field.old)
            add("\(change.id) \(field.name)", old, FieldChange.short(field.new))
          }
        }
      }
    }
  }

  /// The admitted records of kinds for which the plan lets the print differ.
  private func loosened(_ published: RunContents, _ numbers: NumberComparison) -> Set<String> {
    admitted.filter { id in
      let measure = published.records[id]?["measure"]?.text.flatMap(Result.Measure.init(rawValue:))
      return VerificationPlan.fields.contains { numbers.plan.isLoosened($0, measure: measure) }
    }
  }

  // MARK: Files

  private mutating func compare(
    _ path: String, _ old: String, _ new: String, _ tables: inout TableVerification
  ) {
    if old == new { return }
    if path.hasPrefix("tables/"), path.hasSuffix(".json") {
      differences += tables.json(path)
      return
    }
    if path.hasPrefix("tables/"), path.hasSuffix(".csv") {
      differences += tables.csv(path, old, new)
      return
    }
    let a = TextComparison.withoutProvenance(old, version: folder.softwareVersion)
    let b = TextComparison.withoutProvenance(new, version: Self.softwareVersion)
    let lines = TextComparison.lines(a, b)
    guard !lines.isEmpty else { return }
    if !tables.admitted.isEmpty {
      notes.append("\(path): \(lines.count) lines differ, which numbers within the plan's tolerance explain")
      return
    }
    for line in lines.prefix(Self.mostLines) {
      differences.append(
        .init(
          file: path, line: line.number, place: "\(path):\(line.number)",
          old: Self.excerpt(line.old, line.new),
          new: Self.excerpt(line.new, line.old)))
    }
    if lines.count > Self.mostLines {
      differences.append(
        .init(
          file: path, place: path, old: "\(lines.count - Self.mostLines) further lines", new: "others"))
    }
  }

  private static let mostLines = 5

  /// The part of a line around where it departs from another.
  private static func excerpt(_ line: String, _ other: String) -> String {
    let common = zip(line, other).prefix { $0 == $1 }.count
    let start = max(0, common - 20)
    let part = line.dropFirst(start).prefix(60)
    return (start > 0 ? "…" : "") + part + (line.count > start + 60 ? "…" : "")
  }

  /// True where a file should have been published: the records, every figure, every table in the forms that the others
  /// have, and in one form at least.
  private func isMissed(_ path: String) -> Bool {
    if path == "results.json" || path.hasPrefix("figures/") { return true }
    guard path.hasPrefix("tables/"), let dot = path.lastIndex(of: ".") else { return false }
    let tables = folder.files.keys.filter { $0.hasPrefix("tables/") }
    return tables.contains { $0.hasSuffix(path[dot...]) }
      || path.hasSuffix(".csv") && !tables.contains { $0.hasPrefix(path[...dot]) }
  }

  /// The differences without those of a table's JSON form that its CSV form has too, at a line and with the row's full name.
  private static func withoutEchoes(_ differences: [Difference]) -> [Difference] {
    func key(_ difference: Difference, _ form: String) -> String? {
      guard difference.file.hasPrefix("tables/"), difference.file.hasSuffix(form) else { return nil }
      return "\(difference.file.dropLast(form.count))\n\(difference.old)\n\(difference.new)"
    }
    let told = Set(differences.compactMap { key($0, ".csv") })
    return differences.filter { key($0, ".json").map(told.contains) != true }
  }

  // MARK: Notes

  /// Notes where the trial's own plan has moved on since its results were published.
  ///
  /// - Parameter directory: the folder of the trial, which may hold a plan.
  public mutating func noteTrialPlan(in directory: String) {
    guard let current = try? RunDocument(path: directory.appending(path: TrialRun.planName)),
      current.text != folder.plan.text, let old = try? DocumentTree(folder.plan),
      let new = try? DocumentTree(current)
    else { return }
    let changes = KeyChange.between(old, new)
    if !changes.isEmpty {
      notes.append(
        "plan: \(current.path) is no longer the published one: " + changes.map(\.text).joined(separator: "; ")
      )
    }
  }

  private static let softwareVersion = Software.version

  private mutating func noteInputs(_ run: TrialRun) {
    for input in folder.inputs {
      let now = run.outcome.run.inputs.first { $0.file == input.file }
      if now?.sha256 != input.sha256 {
        notes.append("data: \(input.file) is not the file of the published run")
      }
    }
    if folder.softwareVersion != Self.softwareVersion {
      notes.append(
        "software: published with hekta \(folder.softwareVersion), verified with \(Self.softwareVersion)")
    }
    if folder.plan.sha256 != folder.record["plan"]?["sha256"]?.text {
      notes.append("plan: the copy beside the published results is not the plan they were made with")
    }
    if folder.codebook.sha256 != folder.record["codebook"]?["sha256"]?.text {
      notes.append("codebook: the copy beside the published results is not the one they were made with")
    }
  }
}
