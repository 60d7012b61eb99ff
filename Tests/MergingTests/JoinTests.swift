import Merging
