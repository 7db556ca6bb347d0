# Thin: every target is an npm command.
.PHONY: start test build bench format check clean

start:
	npm start

test:
	npm test

build:
	npm run build

bench:
	npm run bench

format:
	npm run format

check:
	.ci/run

clean:
	rm -rf .next dist .cache coverage
