import TrialAnalysis
import TrialData

/// What two runs do not share, each change with its cause.
public struct RunDifference: Sendable {
  /// How the causes were found.
  public enum Basis: String, Sendable {
    /// By runs in which one ingredient at a time was replaced.
    case reruns
    /// By hashes and names alone, because the inputs of a run are not at hand.
    case hashes
  }

  /// One change with its cause.
  public struct Change: Sendable {
    public enum Subject: Sendable {
      case record(RecordChange)
      /// A cell of a table; nil where only one run has it.
      case cell(name: String, old: String?, new: String?)
      case figure(path: String)
    }

    public var subject: Subject
    /// The causes, as places among the ingredients.
    public var causes: [Int]
    /// True where `causes` are those that may be it, of which hashes alone do not tell which.
    public var isAmbiguous: Bool
  }

  public let old: RunFolder
  public let new: RunFolder
  /// Everything in which the makings of the runs differ, whether it changed a number or not.
  public let ingredients: [Ingredient]
  /// Which rows of the data files differ, where both forms are at hand.
  public let files: [FileChange]
  public let changes: [Change]
  public let basis: Basis

  /// How a comparison is carried out.
  public struct Options: Sendable {
    /// The data of the first run, where they are not where its record says.
    public var oldData: String?
    /// The data of the second run.
    public var newData: String?
    /// How many analyses run at a time.
    public var jobs = 1
    /// False to compare hashes alone.
    public var reruns = true
    /// Told of each rerun that begins, by its number.
    public var progress: (@Sendable (Int) -> Void)?

    public init() {}
  }

  /// Compares two runs.
  ///
  /// - Throws: `DataError` where a file of a run cannot be parsed.
  public init(_ old: RunFolder, _ new: RunFolder, options: Options = Options()) throws(DataError) {
    self.old = old
    self.new = new
    let (a, b) = (
      try RunContents(files: old.files, in: old.path), try RunContents(files: new.files, in: new.path)
    )
    let (oldItems, newItems) = (RunItems(a), RunItems(b))
    let changed = RunItems.changed(oldItems, newItems)
    guard !changed.isEmpty else {
      (ingredients, files, changes, basis) = ([], [], [], .hashes)
      return
    }
    let ingredients = try Ingredient.differences(old, new)
    self.ingredients = ingredients
    let places = (old.dataPlace(given: options.oldData), new.dataPlace(given: options.newData))
    // Runs on the same files can share one copy of them.
    let shared = !ingredients.contains { $0.kind == .data }
    let oldPlace = places.0 ?? (shared ? places.1 : nil)
    let newPlace = places.1 ?? (shared ? places.0 : nil)
    let makings = oldPlace.flatMap { a in
      newPlace.map { b in (old.ingredients(data: a), new.ingredients(data: b)) }
    }
    files = try Self.fileChanges(ingredients, makings)
    let repetition = makings.map {
      Repetition($0.0, $0.1, ingredients, jobs: options.jobs, progress: options.progress)
    }
    let attribution = Attribution(
      ingredients: ingredients, old: oldItems, new: newItems, changed: changed,
      rerun: { repetition?.items($0) })
    let found = options.reruns && repetition != nil ? attribution.byReruns() : nil
    basis = found == nil ? .hashes : .reruns
    changes = Self.changes(changed, found ?? attribution.byHashes(), a, b)
  }

  private static func fileChanges(
    _ ingredients: [Ingredient], _ makings: (old: RunIngredients, new: RunIngredients)?
  ) throws(DataError) -> [FileChange] {
    var result: [FileChange] = []
    for case .data(let file) in ingredients {
      guard let makings else {
        var change = FileChange(file: file, rows: [], columns: [])
        change.note = "the rows are not at hand"
        result.append(change)
        continue
      }
      let plan = try PlanRunner.plan(text: makings.new.plan.text, file: makings.new.plan.path)
      do {
        result.append(try FileChange.between(file, makings.old, makings.new, plan: plan))
      } catch {
        // Data that were read once may not fit the other run's codebook.
        var change = FileChange(file: file, rows: [], columns: [])
        change.note = "the rows cannot be read: \(error)"
        result.append(change)
      }
    }
    return result
  }

  private static func changes(
    _ changed: [RunItems.Key], _ findings: [RunItems.Key: Attribution.Finding], _ old: RunContents,
    _ new: RunContents
  ) -> [Change] {
    let records = Dictionary(uniqueKeysWithValues: RecordChange.between(old, new).map { ($0.id, $0) })
    let (a, b) = (cells(old), cells(new))
    return changed.compactMap { key in
      let subject: Change.Subject
      switch key.kind {
      case .record:
        guard let record = records[key.name] else { return nil }
        subject = .record(record)
      case .cell:
        let name = (a[key.name] ?? b[key.name])!.name
        subject = .cell(name: name, old: a[key.name]?.text, new: b[key.name]?.text)
      case .figure: subject = .figure(path: key.name)
      }
      switch findings[key] ?? .unexplained {
      case .causes(let causes): return Change(subject: subject, causes: causes, isAmbiguous: false)
      case .candidates(let causes): return Change(subject: subject, causes: causes, isAmbiguous: true)
      case .unexplained: return Change(subject: subject, causes: [], isAmbiguous: false)
      }
    }
  }

  private static func cells(_ contents: RunContents) -> [String: RunContents.Cell] {
    Dictionary(contents.cells.map { ($0.key, $0.cell) }) { first, _ in first }
  }
}
