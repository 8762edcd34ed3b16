import Glibc
import TrialAnalysis
import TrialData

/// Repeats the first of two runs with some of its ingredients replaced by the second's.
final class Repetition {
  private let old: RunIngredients
  private let new: RunIngredients
  private let ingredients: [Ingredient]
  private let jobs: Int
  private let progress: ((Int) -> Void)?
  private var known: [Set<Int>: RunItems?] = [:]
  /// Folders of links, to be removed.
  private var made: [String] = []

  init(
    _ old: RunIngredients, _ new: RunIngredients, _ ingredients: [Ingredient], jobs: Int,
    progress: ((Int) -> Void)?
  ) {
    self.old = old
    self.new = new
    self.ingredients = ingredients
    self.jobs = jobs
    self.progress = progress
  }

  deinit {
    for folder in made { FolderContents.remove(folder) }
  }

  /// The items of the run in which the ingredients at these places are the second run's.
  ///
  /// - Returns: nil where the mixture is no plan that fits its data, such as a covariate without its column.
  func items(_ replaced: Set<Int>) -> RunItems? {
    if let items = known[replaced] { return items }
    progress?(known.count + 1)
    let items = (try? mixture(replaced)).flatMap { mixture -> RunItems? in
      guard let run = try? TrialRun.carryOut(mixture, jobs: jobs), let contents = try? RunContents(run) else {
        return nil
      }
      return RunItems(contents)
    }
    known[replaced] = .some(items)
    return items
  }

  private func mixture(_ replaced: Set<Int>) throws -> RunIngredients? {
    var result = old
    var files: Set<String> = []
    var changes: [KeyChange] = []
    for place in replaced.sorted() {
      switch ingredients[place] {
      case .data(let file): files.insert(file)
      case .codebook: result.codebook = new.codebook
      case .plan(let change): changes.append(change)
      case .seed: result.seed = new.seed
      case .language: result.language = new.language
      case .software, .platform, .blas: break
      }
    }
    let all = ingredients.filter { if case .plan = $0 { true } else { false } }
    if changes.count == all.count {
      result.plan = new.plan
    } else if !changes.isEmpty {
      var tree = try DocumentTree(old.plan)
      for change in changes {
        guard let next = change.applied(to: tree) else { return nil }
        tree = next
      }
      result.plan = tree.document(path: old.plan.path)
    }
    if old.vintage != nil || new.vintage != nil { return vintages(result, replaced) }
    result.dataDirectory = try directory(replaced: files, plan: result.plan)
    return result
  }

  /// A vintage holds its files and their codebook as one: they are replaced together or not at all.
  private func vintages(_ mixture: RunIngredients, _ replaced: Set<Int>) -> RunIngredients? {
    let parts = ingredients.indices.filter { [.data, .codebook].contains(ingredients[$0].kind) }
    let count = parts.count { replaced.contains($0) }
    guard count == 0 || count == parts.count else { return nil }
    var result = mixture
    let source = count == 0 ? old : new
    (result.vintage, result.dataDirectory) = (source.vintage, source.dataDirectory)
    return result
  }

  // MARK: Data

  /// A folder with the data files of the first run, some of them replaced, and those that only the second has.
  private func directory(replaced: Set<String>, plan: RunDocument) throws -> String {
    let names = try PlanRunner.plan(text: plan.text, file: plan.path).files.map(\.file.value)
    func isThere(_ name: String, _ directory: String) -> Bool {
      access(directory.appending(path: name), R_OK) == 0
    }
    let fromNew = names.filter { replaced.contains($0) || !isThere($0, old.dataDirectory) }
    if fromNew.isEmpty { return old.dataDirectory }
    if fromNew.count == names.count { return new.dataDirectory }
    let folder = try linkFolder()
    for name in names {
      let source = (fromNew.contains(name) ? new : old).dataDirectory.appending(path: name)
      try link(source, in: folder, as: name)
    }
    return folder
  }

  private func linkFolder() throws -> String {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/hekta-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw OutputError(path: base, reason: "no folder", exitCode: 73) }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    made.append(folder)
    return folder
  }

  private func link(_ source: String, in folder: String, as name: String) throws {
    var directory = folder
    let parts = name.split(separator: "/").map(String.init)
    for part in parts.dropLast() {
      directory += "/" + part
      mkdir(directory, 0o700)
    }
    // A relative source would be read from the folder of the link.
    guard let absolute = realpath(source, nil) else {
      throw OutputError(path: source, reason: String(cString: strerror(errno)), exitCode: 73)
    }
    defer { free(absolute) }
    let place = "\(directory)/\(parts.last ?? name)"
    guard symlink(absolute, place) == 0 else {
      throw OutputError(path: name, reason: String(cString: strerror(errno)), exitCode: 73)
    }
  }
}
