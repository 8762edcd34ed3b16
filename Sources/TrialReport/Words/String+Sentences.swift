import TrialAnalysis

extension String {
  /// The text with its first letter small, unless the first word is a name or an abbreviation.
  var lowercasedFirst: String {
    let word = prefix { $0 != " " && $0 != "-" && $0 != "–" }
    guard word.count > 1, !word.dropFirst().contains(where: { $0.isUppercase || $0.isNumber }) else {
      return self
    }
    return prefix(1).lowercased() + dropFirst()
  }

  /// A method's name inside a sentence: names of people keep their capital.
  var lowercasedName: String {
    let people = [
      "Pearson", "Fisher", "Hansen", "Wald", "Newcombe", "Gray", "Welch", "Wilcoxon", "Mann", "Student",
      "Woolf",
      "Katz", "Wilson", "Clopper", "Kruskal", "Poisson",
    ]
    return people.contains { hasPrefix($0) } ? self : lowercasedFirst
  }

  /// A test's name with the English article, which a name in the genitive goes without.
  func withArticle(_ language: Language) -> String {
    language == .norwegian || contains("'s ") ? self : "the " + self
  }
}
