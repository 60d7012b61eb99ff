/// The headings and list items of a Markdown document: what a document's reader needs to find its way to the lines.
///
/// Parsed by cmark-gfm with its task list extension, so that a box counts where GitHub shows one: not in code, in HTML
/// or in a block quote. Texts are the source's, with their inline Markdown as written. Line numbers are 0-based
/// and count the lines of `lines`, whatever the encoding and the line ends are.
package struct MarkdownOutline: Hashable, Sendable {
    /// A heading that is not inside a list or a quote.
    package struct Heading: Hashable, Sendable {
        /// 1 to 6.
        package let level: Int
        package let text: String
        package let line: Int
        /// The line of the underline, for a heading that has one; else `line`.
        package let lastLine: Int
        /// The index in `headings` of the nearest heading above that has a smaller level.
        package let parent: Int?
    }

    /// A list item that is not inside a quote.
    package struct Item: Hashable, Sendable {
        package struct Box: Hashable, Sendable {
            package let isChecked: Bool
            /// The offset, in the source's bytes, of the byte between the brackets.
            package let offset: Int
        }

        /// The first paragraph as one line, without marker and box.
        package let text: String
        package let line: Int
        /// The last line of the item and of everything inside it, without blank lines at its end.
        package internal(set) var lastLine: Int
        /// How many list items this one is inside of.
        package let depth: Int
        /// The index in `headings` of the nearest heading above.
        package let heading: Int?
        /// The bytes of the marker: a bullet, or a number with its delimiter.
        package let marker: Range<Int>
        package let box: Box?
    }

    /// A paragraph or a code block that is in no list and no quote.
    package struct Prose: Hashable, Sendable {
        package let isCode: Bool
        package let lines: ClosedRange<Int>
    }

    package let lines: SourceLines
    /// How many lines at the beginning are front matter, which is no Markdown.
    package let frontMatter: Int
    /// In document order, as are `items` and `prose`.
    package internal(set) var headings: [Heading] = []
    package internal(set) var items: [Item] = []
    package internal(set) var prose: [Prose] = []

    /// - Parameter bytes: a document of any size, in UTF-8 or not. Everything is Markdown; nothing is refused.
    package init(_ bytes: [UInt8]) {
        lines = SourceLines(bytes)
        frontMatter = lines.frontMatter
        readBlocks()
    }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    /// The items that begin in some lines.
    package func items(in range: Range<Int>) -> ArraySlice<Item> {
        items[
            items.firstIndex(
                notBefore: range.lowerBound, \.line)..<items.firstIndex(notBefore: range.upperBound, \.line)]
    }

    /// The prose that begins in some lines.
    package func prose(in range: Range<Int>) -> ArraySlice<Prose> {
        let first = prose.firstIndex(notBefore: range.lowerBound, \.lines.lowerBound)
        return prose[first..<prose.firstIndex(notBefore: range.upperBound, \.lines.lowerBound)]
    }

    /// The items that have a box.
    package var tasks: [Item] { items.filter { $0.box != nil } }

    /// The headings that something stands under.
    /// - Parameter heading: the index in `headings` of the nearest one.
    /// - Returns: their texts, from the outermost to the nearest.
    package func headingChain(_ heading: Int?) -> [String] {
        var chain: [String] = []
        var next = heading
        while let index = next {
            chain.append(headings[index].text)
            next = headings[index].parent
        }
        return chain.reversed()
    }
}

extension Array {
    /// Binary search in an array that is in the order of its lines.
    fileprivate func firstIndex(notBefore line: Int, _ lineOf: (Element) -> Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if lineOf(self[middle]) < line { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
