import Serialisation
import TrialAnalysis
import TrialData

/// One thing that two runs do not share, and that may be why their numbers differ.
public enum Ingredient: Sendable, Equatable {
  case data(file: String)
  case codebook([KeyChange])
  case plan(KeyChange)
  case seed(old: Int?, new: Int?)
  case language(old: Language?, new: Language?)
  case software(old: String, new: String)
  /// The operating system or the processor's architecture.
  case platform(old: String, new: String)
  /// The linear-algebra library or the kernels it chose.
  case blas(old: String, new: String)

  /// What it is, for a heading.
  public enum Kind: String, Sendable {
    case data, codebook, plan, conventions, seed, language, software, platform, blas
  }

  public var kind: Kind {
    switch self {
    case .data: .data
    case .codebook: .codebook
    case .plan(let change): Self.setsConvention(change.path) ? .conventions : .plan
    case .seed: .seed
    case .language: .language
    case .software: .software
    case .platform: .platform
    case .blas: .blas
    }
  }

  /// Keys of a plan by which software differs in how it gets a number, not in which number is meant.
  private static let conventionKeys: Set<String> = [
    "ties", "ph-transform", "limits", "risk-limits", "difference", "ratio", "odds-ratio", "test", "quantiles",
    "robust", "df", "reml", "adjust", "rho", "estimation", "rounding", "conventions", "edges",
  ]

  private static func setsConvention(_ path: DocumentPath) -> Bool {
    switch (path.steps.first, path.steps.last) {
    case (.key("rounding"), _), (.key("conventions"), _): true
    case (.key("analyses"), .key(let name)): conventionKeys.contains(name)
    default: false
    }
  }

  /// The ingredient in one line, without the rows of a file.
  public var text: String {
    func value(_ text: String?) -> String { text ?? "none" }
    return switch self {
    case .data(let file): "data: \(file)"
    case .codebook(let changes): "codebook: " + changes.map(\.text).joined(separator: "; ")
    case .plan(let change): "\(kind.rawValue): \(change.text)"
    case .seed(let old, let new): "seed: \(value(old.map(String.init))) → \(value(new.map(String.init)))"
    case .language(let old, let new): "language: \(value(old?.rawValue)) → \(value(new?.rawValue))"
    case .software(let old, let new): "software: hekta \(old) → \(new)"
    case .platform(let old, let new): "platform: \(old) → \(new)"
    case .blas(let old, let new): "BLAS: \(old) → \(new)"
    }
  }

  /// True where a run can be made with this alone replaced.
  var isReplaceable: Bool {
    switch kind {
    case .software, .platform, .blas: false
    default: true
    }
  }

  // MARK: Finding

  /// Everything in which the makings of two runs differ, by their records and documents.
  static func differences(_ old: RunFolder, _ new: RunFolder) throws(DataError) -> [Ingredient] {
    var found: [Ingredient] = []
    let names = old.inputs.map(\.file) + new.inputs.map(\.file)
    var seen: Set<String> = []
    for name in names where seen.insert(name).inserted {
      let a = old.inputs.first { $0.file == name }?.sha256
      let b = new.inputs.first { $0.file == name }?.sha256
      // A file that only one plan reads comes and goes with the plan.
      if let a, let b, a != b { found.append(.data(file: name)) }
    }
    if old.codebook.text != new.codebook.text {
      let changes = KeyChange.between(try DocumentTree(old.codebook), try DocumentTree(new.codebook))
      if !changes.isEmpty { found.append(.codebook(changes)) }
    }
    if old.plan.text != new.plan.text {
      // The seed and the language in force are told as such, whether the plan or the command line set them.
      found += KeyChange.between(try DocumentTree(old.plan), try DocumentTree(new.plan))
        .filter { !["seed", "language"].contains($0.path.description) }.map(Ingredient.plan)
    }
    if old.seed != new.seed { found.append(.seed(old: old.seed, new: new.seed)) }
    if old.language != new.language { found.append(.language(old: old.language, new: new.language)) }
    if old.softwareVersion != new.softwareVersion {
      found.append(.software(old: old.softwareVersion, new: new.softwareVersion))
    }
    let platforms = (old.platform, new.platform)
    if platforms.0 != platforms.1 { found.append(.platform(old: platforms.0, new: platforms.1)) }
    if old.blas != new.blas { found.append(.blas(old: old.blas, new: new.blas)) }
    return found
  }
}

extension RunFolder {
  /// The operating system and the architecture.
  var platform: String {
    ["system", "machine"].compactMap { record["platform"]?[$0]?.text }.joined(separator: " ")
  }

  /// The linear-algebra library and its kernels.
  var blas: String {
    ["configuration", "kernels"].compactMap { record["blas"]?[$0]?.text }.joined(separator: ", ")
  }
}
